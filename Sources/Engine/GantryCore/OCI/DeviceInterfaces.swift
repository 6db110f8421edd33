import ByteText
import JSON

/// Container Device Interface (CDI specification 0.6; of later ones what is there too): what `vendor.com/class=name` adds to a container.
struct DeviceInterfaces {
    /// The later one wins, as the specification says.
    static let directories = ["/etc/cdi", "/var/run/cdi"]

    var host: any SpecHost

    /// What devices add, put together.
    struct Edits {
        var env: [AppConfig.Variable] = []
        var devices: [(node: DeviceNode, permissions: String)] = []
        var mounts: [SpecMounts.Mount] = []
        /// By the name of the hook's stage.
        var hooks: [String: [JSON]] = [:]
        var groups: [Int64] = []
    }

    func edits(_ names: [String]) throws(EngineError) -> Edits {
        var edits = Edits()
        guard !names.isEmpty else { return edits }
        let (specs, unread) = try load()
        var whole: Set<ByteString> = []
        for name in names {
            guard let (kind, device) = name.cutLast(at: "=") else {
                throw EngineError(.invalid, "cdiDevices: \"\(name)\" is not of the form vendor.com/class=name")
            }
            guard let (spec, entry) = find(String(kind), String(device), in: specs) else {
                throw missing(name, unread)
            }
            // What the file says for all its devices comes once.
            if whole.insert(ByteString(spec.path)).inserted, let common = spec.document["containerEdits"] {
                try add(common, to: &edits, spec.path)
            }
            if let own = entry["containerEdits"] { try add(own, to: &edits, spec.path) }
        }
        return edits
    }

    private struct Spec {
        var path: String
        var document: JSON
    }

    /// In order of rising priority; with what is wrong with the files that cannot be read, which are somebody else's as long as no device is missing.
    private func load() throws(EngineError) -> ([Spec], unread: [String]) {
        var specs: [Spec] = []
        var unread: [String] = []
        for directory in Self.directories {
            for name in try host.list(directory) {
                let path = "\(directory)/\(name)"
                guard DeviceFile.isNamed(name), let bytes = try host.read(path) else { continue }
                do {
                    specs.append(Spec(path: path, document: try DeviceFile.parse(bytes, name: name)))
                } catch {
                    unread.append("\(path): \(error)")
                }
            }
        }
        return (specs, unread)
    }

    private func find(_ kind: String, _ device: String, in specs: [Spec]) -> (Spec, JSON)? {
        for spec in specs.reversed() where spec.document["kind"]?.stringValue == kind {
            for entry in spec.document["devices"]?.arrayValue ?? [] where entry["name"]?.stringValue == device {
                return (spec, entry)
            }
        }
        return nil
    }

    private func missing(_ name: String, _ unread: [String]) -> EngineError {
        var message = "CDI device \(name): in no file of \(Self.directories.joined(separator: " or "))"
        if !unread.isEmpty { message += "; these cannot be read: \(unread.joined(separator: ", "))" }
        return EngineError(.invalid, message)
    }

    private func add(_ json: JSON, to edits: inout Edits, _ path: String) throws(EngineError) {
        var reader = try ObjectReader(json, path: "CDI file \(path): containerEdits")
        for text in try reader.strings("env") {
            guard let (name, value) = text.cut(at: "="), !name.isEmpty else {
                throw reader.invalid("env", "\"\(text)\" is not NAME=VALUE")
            }
            edits.env.append(.init(name: String(name), value: String(value)))
        }
        let devices = try reader.objects("deviceNodes") { (node) throws(EngineError) in try device(&node) }
        edits.devices += devices
        edits.mounts += try reader.objects("mounts") { (mount) throws(EngineError) in try self.mount(&mount) }
        for hook in try reader.items("hooks") {
            guard let stage = hook["hookName"]?.stringValue, hook["path"]?.stringValue?.begins(with: "/") == true,
                var members = hook.objectValue
            else { throw reader.invalid("hooks", "a hook needs a hookName and an absolute path") }
            members["hookName"] = nil
            edits.hooks[stage, default: []].append(.object(members))
        }
        for item in try reader.items("additionalGids") {
            guard case .integer(let group) = item, (0..<AccountText.none).contains(group) else {
                throw reader.invalid("additionalGids", "must be group ids, which go from 0 to \(AccountText.none - 1)")
            }
            // The CDI has 0 mean nothing.
            if group > 0 { edits.groups.append(group) }
        }
        try reader.finish()
    }

    private func device(
        _ reader: inout ObjectReader
    ) throws(EngineError) -> (node: DeviceNode, permissions: String) {
        let path = try reader.absolutePath("path")
        guard !path.isEmpty else { throw reader.invalid("path", "is missing") }
        let source = try reader.absolutePath("hostPath")
        var found = try describedNode(&reader)
        if found == nil { found = try host.device(source.isEmpty ? path : source) }
        guard var node = found else {
            throw EngineError(
                .invalid, "\(reader.path): \(source.isEmpty ? path : source) is not a device of this host")
        }
        node.path = LexicalPath.clean(path)
        let ids = 0...AccountText.none - 1
        // Files written by Go hold the kind of file in it, too; permission bits are all that is taken.
        if let mode = try reader.optionalInteger("fileMode", in: 0...0xffff_ffff) { node.mode = mode & 0o7777 }
        if let uid = try reader.optionalInteger("uid", in: ids) { node.uid = uid }
        if let gid = try reader.optionalInteger("gid", in: ids) { node.gid = gid }
        let permissions = try reader.string("permissions")
        try reader.finish()
        return (node, permissions.isEmpty ? "rwm" : permissions)
    }

    /// A node that the file describes in full; nil: it is as that of the host.
    private func describedNode(_ reader: inout ObjectReader) throws(EngineError) -> DeviceNode? {
        let type = try reader.string("type")
        let major = try reader.optionalInteger("major", in: 0...0xffff_ffff)
        let minor = try reader.optionalInteger("minor", in: 0...0xffff_ffff)
        guard !type.isEmpty, let major else { return nil }
        let kind: DeviceNode.Kind
        switch type {
        case "b": kind = .block
        case "c", "u": kind = .character
        default: throw reader.invalid("type", "\"\(type)\" is none of b, c and u")
        }
        return DeviceNode(path: "", kind: kind, major: major, minor: minor ?? 0, mode: 0o666, uid: 0, gid: 0)
    }

    private func mount(_ reader: inout ObjectReader) throws(EngineError) -> SpecMounts.Mount {
        let source = try reader.string("hostPath")
        let destination = try reader.absolutePath("containerPath")
        guard !source.isEmpty, !destination.isEmpty else {
            throw reader.invalid("containerPath", "a mount needs a hostPath and a containerPath")
        }
        let type = try reader.string("type")
        let options = try reader.optionalStrings("options") ?? ["ro", "nosuid", "nodev", "rbind"]
        try reader.finish()
        return SpecMounts.Mount(
            destination: LexicalPath.clean(destination), type: type.isEmpty ? "bind" : type, source: source,
            options: options)
    }
}
