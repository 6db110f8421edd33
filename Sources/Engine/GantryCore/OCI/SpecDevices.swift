import ByteText
import JSON

/// The devices an app sees and may use.
struct SpecDevices {
    /// Nodes to make in /dev.
    var nodes: [DeviceNode] = []
    /// Rules of the device cgroup, in order.
    var rules: [JSON] = []

    /// Everything forbidden, then what every container has (making nodes, null, zero, full, random, urandom, tty,
    /// terminals). Privileged: everything allowed, every device of the host there.
    init(_ config: AppConfig, ownsDev: Bool, host: any SpecHost) throws(EngineError) {
        if config.privileged {
            rules = [["allow": true, "access": "rwm"]]
            if !ownsDev { nodes = try Self.hostDevices(host) }
        } else {
            rules = [["allow": false, "access": "rwm"]] + Self.usualRules
        }
        for (index, device) in config.devices.enumerated() {
            do {
                try add(device, host)
            } catch {
                throw error.prefixed("devices[\(index)]")
            }
        }
        // A /dev of the app's own is not to be written into.
        if ownsDev { nodes = [] }
    }

    mutating func add(_ node: DeviceNode, permissions: String) {
        nodes.removeAll { $0.path.isSame(as: node.path) }
        nodes.append(node)
        rules.append(Self.rule(node.kind.rawValue, node.major, node.minor, permissions))
    }

    private mutating func add(_ device: AppConfig.Device, _ host: any SpecHost) throws(EngineError) {
        let target = LexicalPath.clean(device.containerPath.isEmpty ? device.hostPath : device.containerPath)
        guard let found = try host.resolve(device.hostPath) else {
            throw EngineError(.invalid, "hostPath \(device.hostPath): there is no such device on the host")
        }
        if found.isDirectory {
            let nodes = try host.devices(below: found.path)
            guard !nodes.isEmpty else {
                throw EngineError(.invalid, "hostPath \(device.hostPath): a directory without devices")
            }
            for var node in nodes {
                node.path = target + (node.path.without(prefix: found.path) ?? "")
                add(node, permissions: device.permissions)
            }
            return
        }
        guard var node = try host.device(found.path) else {
            throw EngineError(.invalid, "hostPath \(device.hostPath): is not a device")
        }
        node.path = target
        add(node, permissions: device.permissions)
    }

    var nodesJSON: JSON {
        .array(
            nodes.map { node in
                [
                    "path": .string(node.path), "type": .string(node.kind.rawValue), "major": .integer(node.major),
                    "minor": .integer(node.minor), "fileMode": .integer(node.mode), "uid": .integer(node.uid),
                    "gid": .integer(node.gid),
                ]
            })
    }

    private static let usualRules: [JSON] = [
        ["allow": true, "type": "c", "access": "m"], ["allow": true, "type": "b", "access": "m"],
        rule("c", 1, 3, "rwm"), rule("c", 1, 5, "rwm"), rule("c", 1, 7, "rwm"), rule("c", 1, 8, "rwm"),
        rule("c", 1, 9, "rwm"), rule("c", 5, 0, "rwm"), rule("c", 5, 2, "rwm"),
        ["allow": true, "type": "c", "major": 136, "access": "rwm"],
    ]

    private static func rule(_ type: String, _ major: Int64, _ minor: Int64, _ access: String) -> JSON {
        [
            "allow": true, "type": .string(type), "major": .integer(major), "minor": .integer(minor),
            "access": .string(access),
        ]
    }

    /// What the runtime makes itself, and what is a container's own, is left out.
    private static func hostDevices(_ host: any SpecHost) throws(EngineError) -> [DeviceNode] {
        let own = [
            "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx",
            "/dev/console",
        ]
        let ownDirectories = ["/dev/pts/", "/dev/shm/", "/dev/mqueue/", "/dev/fd/"]
        return try host.devices(below: "/dev").filter { node in
            !own.has(node.path) && !ownDirectories.contains { node.path.begins(with: $0) }
        }
    }
}
