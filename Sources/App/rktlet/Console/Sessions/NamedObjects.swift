import ByteText
import JSON

/// Finds pods and containers by what people call them; what has no such name is asked of the daemon as it is.
struct NamedObjects {
    private struct Named {
        var id: String
        var name: String
        var isRunning: Bool
    }

    let client: GatewayClient

    /// - Parameter text: an id or its beginning, a name, `POD/NAME`, or the name of a pod with one container that runs.
    func container(_ text: String) throws -> String {
        guard !Self.isWholeID(text) else { return text }
        let pods = try pods()
        let containers = (try client.get("/v1/containers")["containers"]?.arrayValue ?? []).map { json in
            let pod = json["podSandboxId"]?.stringValue ?? ""
            let podName = pods.first { $0.id == pod }?.name ?? "?"
            return Named(
                id: json["id"]?.stringValue ?? "",
                name: podName + "/" + (json["metadata"]?["name"]?.stringValue ?? ""),
                isRunning: json["state"] == "CONTAINER_RUNNING")
        }
        let byName = containers.filter { Self.isCalled($0.name, text) }
        let found = byName.isEmpty ? containers.filter { Self.isOfPod($0.name, text) } : byName
        return try only(found, "container", text, all: containers)
    }

    /// - Parameter text: an id or its beginning, a name, or `NAMESPACE/NAME`.
    func pod(_ text: String) throws -> String {
        guard !Self.isWholeID(text) else { return text }
        let pods = try pods()
        return try only(pods.filter { Self.isCalled($0.name, text) }, "pod", text, all: pods)
    }

    /// The same; what is called so nowhere is passed on as it is: it may be gone.
    func podOrText(_ text: String) throws -> String {
        let pods = try pods()
        let isKnown = pods.contains { Self.isCalled($0.name, text) || (!text.isEmpty && $0.id.begins(with: text)) }
        return isKnown ? try pod(text) : text
    }

    private func pods() throws -> [Named] {
        (try client.get("/v1/pods")["items"]?.arrayValue ?? []).map { json in
            Named(
                id: json["id"]?.stringValue ?? "",
                name: (json["metadata"]?["namespace"]?.stringValue ?? "") + "/"
                    + (json["metadata"]?["name"]?.stringValue ?? ""),
                isRunning: json["state"] == "SANDBOX_READY")
        }
    }

    private func only(_ found: [Named], _ what: String, _ text: String, all: [Named]) throws -> String {
        let running = found.filter(\.isRunning)
        let candidates = running.isEmpty ? found : running
        if candidates.isEmpty {
            let byID = all.filter { !text.isEmpty && $0.id.begins(with: text) }
            guard byID.isEmpty else { return byID.count == 1 ? byID[0].id : try ambiguous(byID, what, text) }
            throw ConsoleError(
                "\(what) \(text) does not exist; rktlet ps shows what there is")
        }
        return candidates.count == 1 ? candidates[0].id : try ambiguous(candidates, what, text)
    }

    private func ambiguous(_ candidates: [Named], _ what: String, _ text: String) throws -> String {
        let list = candidates.prefix(20).map { "\($0.id.shortened(to: 12)) (\($0.name))" }
        throw ConsoleError(
            "\(text) may be one of \(candidates.count) \(what)s, take the id: \(list.joined(separator: ", "))"
        )
    }

    /// `default/web/main` is called so, `web/main`, and `main`.
    private static func isCalled(_ name: String, _ text: String) -> Bool {
        name.isSame(as: text) || name.ends(with: "/" + text)
    }

    /// `web` and `default/web` are the pod of `default/web/main`.
    private static func isOfPod(_ name: String, _ text: String) -> Bool {
        guard let (pod, _) = name.cutLast(at: "/") else { return false }
        return isCalled(String(pod), text)
    }

    private static func isWholeID(_ text: String) -> Bool { text.utf8.count == 64 && text.isLowerHex }
}
