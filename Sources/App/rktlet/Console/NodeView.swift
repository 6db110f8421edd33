import ByteText
import Glibc
import JSON

/// What the gateway tells of the node, joined: containers with their pods.
struct NodeView {
    struct Row {
        var pod = "-"
        var namespace = "-"
        var container = "-"
        var state = ""
        var restarts = ""
        var since: Int64 = 0
        var image = ""
        var id = ""
    }

    var rows: [Row] = []
    var podCount = 0
    var runningCount = 0

    init(_ client: GatewayClient) throws {
        let pods = try client.get("/v1/pods")["items"]?.arrayValue ?? []
        let containers = try client.get("/v1/containers?verbose=true")["containers"]?.arrayValue ?? []
        podCount = pods.count
        let byPod = Dictionary(grouping: containers) { $0["podSandboxId"]?.stringValue ?? "" }
        for pod in pods {
            let id = pod["id"]?.stringValue ?? ""
            var row = Row()
            row.pod = pod["metadata"]?["name"]?.stringValue ?? "-"
            row.namespace = pod["metadata"]?["namespace"]?.stringValue ?? "-"
            let own = byPod[id] ?? []
            if own.isEmpty {
                row.state = pod["state"] == "SANDBOX_READY" ? "pod ready" : "pod not ready"
                row.since = Self.time(pod["createdAt"])
                row.id = id
                rows.append(row)
            }
            for container in own { rows.append(Self.row(container, in: row)) }
        }
        runningCount = rows.count { $0.state == "running" }
    }

    private static func row(_ container: JSON, in pod: Row) -> Row {
        var row = pod
        let status = container["status"] ?? .null
        row.container = status["metadata"]?["name"]?.stringValue ?? "-"
        row.restarts = status["metadata"]?["attempt"]?.int64Value.map(String.init) ?? ""
        row.state = (status["state"]?.stringValue ?? "").replacing(text: "CONTAINER_", with: "").lowercasedASCII
        if row.state == "exited" { row.state += " \(status["exitCode"]?.int64Value ?? 0)" }
        row.since = time(row.state == "running" ? status["startedAt"] : status["createdAt"])
        row.image = status["image"]?["image"]?.stringValue ?? ""
        row.id = status["id"]?.stringValue ?? ""
        return row
    }

    private static func time(_ json: JSON?) -> Int64 { json?.stringValue.flatMap { Int64($0) } ?? 0 }

    /// `5s`, `12m`, `3h`, `9d`.
    static func age(_ nanoseconds: Int64) -> String {
        let seconds = max(0, Int64(Glibc.time(nil)) - nanoseconds / 1_000_000_000)
        for (unit, size) in [("d", 86_400), ("h", 3600), ("m", 60)] as [(String, Int64)] where seconds >= size {
            return "\(seconds / size)\(unit)"
        }
        return "\(seconds)s"
    }
}
