import Domain

extension NamespaceOptions {
    /// The namespaces of a pod.
    package init(podWire wire: Runtime_V1_NamespaceOption, at path: FieldPath) throws(DomainError) {
        try self.init(wire: wire, at: path)
        if case .target = pid {
            throw path.field("pid").invalid("TARGET is for containers; a pod has POD, CONTAINER or NODE")
        }
    }

    /// The namespaces of a container.
    ///
    /// - Throws: `invalidArgument` for a mode that the namespace cannot have, a target that is missing or not meant.
    package init(wire: Runtime_V1_NamespaceOption, at path: FieldPath) throws(DomainError) {
        self.init()
        network = try Self.podOrNode(wire.network, at: path.field("network")) ? .pod : .node
        ipc = try Self.podOrNode(wire.ipc, at: path.field("ipc")) ? .pod : .node
        pid = try Self.pidMode(wire, at: path)
        guard wire.hasUsernsOptions else { return }
        user = try Self.userNamespace(wire.usernsOptions, at: path.field("userns_options"))
        if user != nil, network == .node {
            throw path.field("userns_options").invalid("cannot be combined with the host's network")
        }
    }

    package var wire: Runtime_V1_NamespaceOption {
        .with {
            $0.network = network == .pod ? .pod : .node
            $0.ipc = ipc == .pod ? .pod : .node
            switch pid {
            case .pod: $0.pid = .pod
            case .container: $0.pid = .container
            case .node: $0.pid = .node
            case .target(let id):
                $0.pid = .target
                $0.targetID = id.rawValue
            }
            if let user { $0.usernsOptions = user.wire }
        }
    }

    private static func podOrNode(_ mode: Runtime_V1_NamespaceMode, at path: FieldPath) throws(DomainError) -> Bool {
        switch mode {
        case .pod: return true
        case .node: return false
        case .container, .target: throw path.invalid("must be POD or NODE")
        case .UNRECOGNIZED(let value): throw path.unknownValue(value)
        }
    }

    private static func pidMode(
        _ wire: Runtime_V1_NamespaceOption, at path: FieldPath
    ) throws(DomainError) -> PIDMode {
        let target = path.field("target_id")
        if wire.pid != .target, !wire.targetID.isEmpty { throw target.invalid("needs pid TARGET") }
        switch wire.pid {
        case .pod: return .pod
        case .container: return .container
        case .node: return .node
        case .target:
            guard let id = ContainerID(try target.filled(wire.targetID)) else {
                throw target.invalid("there is no container \(wire.targetID.quotedForMessage)")
            }
            return .target(id)
        case .UNRECOGNIZED(let value): throw path.field("pid").unknownValue(value)
        }
    }

    private static func userNamespace(
        _ wire: Runtime_V1_UserNamespace, at path: FieldPath
    ) throws(DomainError) -> UserNamespace? {
        guard try podOrNode(wire.mode, at: path.field("mode")) else {
            guard wire.uids.isEmpty, wire.gids.isEmpty else {
                throw path.field("mode").invalid("NODE is the host's user namespace and takes no uids and gids")
            }
            return nil
        }
        return UserNamespace(
            uids: try IDMapping.parseForPod(wire.uids, at: path.field("uids")),
            gids: try IDMapping.parseForPod(wire.gids, at: path.field("gids"))
        )
    }
}

extension UserNamespace {
    package var wire: Runtime_V1_UserNamespace {
        .with {
            $0.mode = .pod
            $0.uids = uids.map(\.wire)
            $0.gids = gids.map(\.wire)
        }
    }
}
