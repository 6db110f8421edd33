import Domain
import JSON

extension NamespaceOptions {
    var json: JSON {
        var document = JSONMembers()
        document.set("network", network.rawValue)
        document.set("ipc", ipc.rawValue)
        switch pid {
        case .pod: document.set("pid", "pod")
        case .container: document.set("pid", "container")
        case .node: document.set("pid", "node")
        case .target(let id):
            document.set("pid", "target")
            document.set("target", id.rawValue)
        }
        document.set("user", user?.json)
        return document.json
    }

    init(fields: JSONFields) throws(CodecError) {
        self.init()
        network = try fields.choice("network", default: .pod)
        ipc = try fields.choice("ipc", default: .pod)
        switch try fields.string("pid") {
        case "pod", "": pid = .pod
        case "container": pid = .container
        case "node": pid = .node
        case "target":
            guard let id = ContainerID(try fields.string("target")) else {
                throw CodecError(path: "\(fields.path).target", expected: "a container id")
            }
            pid = .target(id)
        default: throw CodecError(path: "\(fields.path).pid", expected: "a known word")
        }
        user = try fields.object("user") { (nested) throws(CodecError) in
            UserNamespace(
                uids: try nested.objects("uids") { (entry) throws(CodecError) in try IDMapping(fields: entry) },
                gids: try nested.objects("gids") { (entry) throws(CodecError) in try IDMapping(fields: entry) })
        }
    }
}

extension UserNamespace {
    var json: JSON { ["uids": .array(uids.map(\.json)), "gids": .array(gids.map(\.json))] }
}

extension IDMapping {
    /// The same keys as in the engine's configuration.
    var json: JSON {
        [
            "hostID": .integer(Int64(hostID)), "containerID": .integer(Int64(containerID)),
            "length": .integer(Int64(length)),
        ]
    }

    init(fields: JSONFields) throws(CodecError) {
        self.init(
            hostID: try fields.integer("hostID"), containerID: try fields.integer("containerID"),
            length: try fields.integer("length"))
    }
}
