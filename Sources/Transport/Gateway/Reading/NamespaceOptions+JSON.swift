import Domain
import JSON
import RequestSyntax

extension NamespaceOptions {
    private enum Mode { case pod, container, node, target }

    private static let modes: KeyValuePairs<String, Mode> = [
        "POD": .pod, "CONTAINER": .container, "NODE": .node, "TARGET": .target,
    ]

    /// - Throws: `invalidArgument` for a mode that the namespace cannot have, a target that is missing or not meant.
    static func read(_ json: JSON, at path: FieldPath) throws(DomainError) -> NamespaceOptions {
        var reader = try MessageReader(json, at: path)
        var options = NamespaceOptions()
        options.network = try isPod("network", &reader) ? .pod : .node
        options.ipc = try isPod("ipc", &reader) ? .pod : .node
        options.pid = try pidMode(&reader)
        options.user = try reader.message("userns_options", userNamespace) ?? nil
        try reader.finish()
        if options.user != nil, options.network == .node {
            throw path.field("userns_options").invalid("cannot be combined with the host's network")
        }
        return options
    }

    private static func isPod(_ name: String, _ reader: inout MessageReader) throws(DomainError) -> Bool {
        switch try reader.choice(name, modes) {
        case .pod: return true
        case .node: return false
        case .container, .target: throw reader.path.field(name).invalid("must be POD or NODE")
        }
    }

    private static func pidMode(_ reader: inout MessageReader) throws(DomainError) -> PIDMode {
        let mode = try reader.choice("pid", modes)
        let target = try reader.string("target_id")
        let path = reader.path.field("target_id")
        if mode != .target, !target.isEmpty { throw path.invalid("needs pid TARGET") }
        switch mode {
        case .pod: return .pod
        case .container: return .container
        case .node: return .node
        case .target:
            guard let id = ContainerID(try path.filled(target)) else {
                throw path.invalid("there is no container \(target.quotedForMessage)")
            }
            return .target(id)
        }
    }

    private static func userNamespace(_ json: JSON, at path: FieldPath) throws(DomainError) -> UserNamespace? {
        var reader = try MessageReader(json, at: path)
        let isOwn = try isPod("mode", &reader)
        let uids = try reader.list("uids", IDMapping.read)
        let gids = try reader.list("gids", IDMapping.read)
        try reader.finish()
        guard isOwn else {
            guard uids.isEmpty, gids.isEmpty else {
                throw path.field("mode").invalid("NODE is the host's user namespace and takes no uids and gids")
            }
            return nil
        }
        return UserNamespace(
            uids: try IDMapping.checkedForPod(uids, at: path.field("uids")),
            gids: try IDMapping.checkedForPod(gids, at: path.field("gids")))
    }
}

extension IDMapping {
    static func read(_ json: JSON, at path: FieldPath) throws(DomainError) -> IDMapping {
        var reader = try MessageReader(json, at: path)
        let mapping = IDMapping(
            hostID: try reader.number("host_id"), containerID: try reader.number("container_id"),
            length: try reader.number("length"))
        try reader.finish()
        return mapping
    }
}
