import Domain

extension PodSandbox {
    /// The pod as lists show it.
    package var wireListItem: Runtime_V1_PodSandbox {
        .with {
            $0.id = id.rawValue
            $0.metadata = config.metadata.wire
            $0.state = state.wire
            $0.createdAt = createdAt.nanoseconds
            $0.labels = config.labels
            $0.annotations = config.annotations
            $0.runtimeHandler = config.runtimeHandler
        }
    }

    /// The pod as `PodSandboxStatus` shows it.
    package var wireStatus: Runtime_V1_PodSandboxStatus {
        .with {
            $0.id = id.rawValue
            $0.metadata = config.metadata.wire
            $0.state = state.wire
            $0.createdAt = createdAt.nanoseconds
            $0.network = wireNetwork
            $0.linux.namespaces.options = namespaces.wire
            $0.labels = config.labels
            $0.annotations = config.annotations
            $0.runtimeHandler = config.runtimeHandler
        }
    }

    /// What a verbose status adds.
    package var diagnostics: [String: String] {
        [
            "info": JSONObject([
                ("sandboxID", .text(id.rawValue)), ("state", .text(state.rawValue)), ("pid", .number(Int64(pid))),
                ("unit", .text(unit)), ("cgroup", .text(cgroup)), ("networkNamespace", .text(networkNamespace)),
                ("networkAttached", .flag(networkAttached)), ("hostname", .text(config.hostname)),
                ("cgroupParent", .text(config.cgroupParent)), ("logDirectory", .text(config.logDirectory)),
                ("message", .text(message)),
            ]).description
        ]
    }

    private var wireNetwork: Runtime_V1_PodSandboxNetworkStatus {
        .with {
            $0.ip = ips.first ?? ""
            $0.additionalIps = ips.dropFirst().map { ip in .with { $0.ip = ip } }
        }
    }
}

extension PodSandboxState {
    /// Clients know two states: a pod that is ready, and one that is not.
    package var wire: Runtime_V1_PodSandboxState { self == .ready ? .sandboxReady : .sandboxNotready }
}
