import Domain
import Hummingbird
import JSON
import RequestSyntax

/// The runtime itself: version, status, configuration.
struct RuntimeRoutes {
    let useCases: UseCases

    func add(to table: inout RouteTable) {
        table.get("/v1/version") { [useCases] request, _ in
            _ = try QueryReader(request.uri.query, known: [])
            let version = useCases.version()
            return .json { version.write(&$0) }
        }
        table.get("/v1/status") { [useCases] request, _ in
            let verbose = try QueryReader(request.uri.query, known: ["verbose"]).flag("verbose")
            let report = await useCases.runtimeStatus()
            return .json { report.write(&$0, verbose: verbose) }
        }
        table.get("/v1/config") { [useCases] request, _ in
            _ = try QueryReader(request.uri.query, known: [])
            let driver =
                switch useCases.runtimeConfig() {
                case .systemd: "SYSTEMD"
                }
            return .json { json in
                json.object { json in
                    json.member("linux") { json in json.object { $0.member("cgroupDriver", driver) } }
                }
            }
        }
        table.put("/v1/config") { [useCases] request, _ in
            _ = try QueryReader(request.uri.query, known: [])
            let range = try Self.podCIDR(try await RequestDocument.read(request))
            try await useCases.updateRuntimeConfig(podCIDR: range)
            return .emptyMessage
        }
    }

    /// Of an `UpdateRuntimeConfigRequest`; empty when it says none.
    private static func podCIDR(_ json: JSON) throws(DomainError) -> String {
        var request = try MessageReader(json, at: FieldPath("", spelling: .json))
        let range = try request.message("runtime_config") { (json, path) throws(DomainError) in
            var config = try MessageReader(json, at: path)
            let range = try config.message("network_config") { (json, path) throws(DomainError) in
                var network = try MessageReader(json, at: path)
                let range = try network.string("pod_cidr")
                try network.finish()
                return range.isEmpty ? "" : try path.field("pod_cidr").ranges(range)
            }
            try config.finish()
            return range ?? ""
        }
        try request.finish()
        return range ?? ""
    }
}
