import ByteText
import JSON

extension AppConfig.Variable {
    init(_ reader: inout ObjectReader) throws(EngineError) {
        name = try reader.string("name")
        guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "=")) else {
            throw reader.invalid("name", "\"\(name)\" is not the name of an environment variable")
        }
        value = try reader.string("value")
        try reader.finish()
    }
}

extension AppConfig.User {
    init(_ reader: inout ObjectReader) throws(EngineError) {
        let ids: ClosedRange<Int64> = 0...0xffff_fffe
        uid = try reader.optionalInteger("uid", in: ids)
        username = try reader.string("username")
        gid = try reader.optionalInteger("gid", in: ids)
        if let value = reader.take("supplementalGroups") {
            guard let items = value.arrayValue else {
                throw reader.invalid("supplementalGroups", "must be a list of ids")
            }
            for (index, item) in items.enumerated() {
                guard case .integer(let group) = item, ids.contains(group) else {
                    throw reader.invalid("supplementalGroups[\(index)]", "must be a group id")
                }
                supplementalGroups.append(group)
            }
        }
        groupsPolicy = try reader.choice("groupsPolicy", default: .merge)
        guard gid == nil || uid != nil || !username.isEmpty else {
            throw reader.invalid("gid", "a group needs a uid or a username beside it")
        }
        guard uid == nil || username.isEmpty else {
            throw reader.invalid("username", "contradicts uid: give one of them")
        }
        try reader.finish()
    }

    var json: JSON {
        var document: [String: JSON] = [
            "username": .string(username), "supplementalGroups": .array(supplementalGroups.map { .integer($0) }),
            "groupsPolicy": .string(groupsPolicy.rawValue),
        ]
        if let uid { document["uid"] = .integer(uid) }
        if let gid { document["gid"] = .integer(gid) }
        return .object(document)
    }
}

extension AppConfig.Device {
    init(_ reader: inout ObjectReader) throws(EngineError) {
        hostPath = try reader.absolutePath("hostPath")
        guard !hostPath.isEmpty else { throw reader.invalid("hostPath", "is missing") }
        containerPath = try reader.absolutePath("containerPath")
        let text = try reader.string("permissions")
        permissions = text.isEmpty ? "rwm" : text
        guard permissions.utf8.allSatisfy({ "rwm".utf8.contains($0) }) else {
            throw reader.invalid("permissions", "\"\(permissions)\" has letters other than r, w and m")
        }
        try reader.finish()
    }

    var json: JSON {
        .object([
            "containerPath": .string(containerPath), "hostPath": .string(hostPath), "permissions": .string(permissions),
        ])
    }
}

extension AppConfig.Capabilities {
    init(_ reader: inout ObjectReader) throws(EngineError) {
        add = try Self.names(&reader, "add")
        drop = try Self.names(&reader, "drop")
        addAmbient = try Self.names(&reader, "addAmbient")
        try reader.finish()
    }

    private static func names(_ reader: inout ObjectReader, _ key: String) throws(EngineError) -> [CapabilityName] {
        var names: [CapabilityName] = []
        for (index, text) in try reader.strings(key).enumerated() {
            do {
                names.append(try CapabilityName(parsing: text))
            } catch {
                throw error.prefixed(reader.keyPath("\(key)[\(index)]"))
            }
        }
        return names
    }

    var json: JSON {
        .object([
            "add": .strings(add.map(\.string)), "drop": .strings(drop.map(\.string)),
            "addAmbient": .strings(addAmbient.map(\.string)),
        ])
    }
}

extension AppConfig.Seccomp {
    init(_ reader: inout ObjectReader) throws(EngineError) {
        type = try reader.choice("type", default: .runtimeDefault)
        path = try reader.absolutePath("path")
        guard (type == .localhost) != path.isEmpty else {
            throw reader.invalid("path", type == .localhost ? "is missing" : "belongs to type localhost alone")
        }
        try reader.finish()
    }
}

extension AppConfig.AppArmor {
    init(_ reader: inout ObjectReader) throws(EngineError) {
        type = try reader.optionalChoice("type")
        profile = try reader.string("profile")
        guard (type == .localhost) != profile.isEmpty else {
            throw reader.invalid("profile", type == .localhost ? "is missing" : "belongs to type localhost alone")
        }
        try reader.finish()
    }
}

extension AppConfig.SELinux {
    init(_ reader: inout ObjectReader) throws(EngineError) {
        user = try reader.string("user")
        role = try reader.string("role")
        type = try reader.string("type")
        level = try reader.string("level")
        for (key, part) in [("user", user), ("role", role), ("type", type)]
        where !part.isEmpty && (!Validation.isWord(part) || part.has(":")) {
            throw reader.invalid(key, "\"\(part)\" cannot be part of an SELinux label")
        }
        try reader.finish()
    }
}

extension AppConfig.Namespaces {
    init(_ reader: inout ObjectReader) throws(EngineError) {
        let mode = try reader.string("pid")
        if !mode.isEmpty {
            guard let known = AppConfig.PIDMode(rawValue: mode) else {
                throw reader.invalid("pid", "\"\(mode)\" is not one of container, pod, host, target")
            }
            pid = known
        }
        let name = try reader.string("target")
        guard (pid == .target) != name.isEmpty else {
            throw reader.invalid("target", pid == .target ? "is missing" : "belongs to pid target alone")
        }
        if !name.isEmpty {
            do {
                target = try AppName(name)
            } catch {
                throw error.prefixed(reader.keyPath("target"))
            }
        }
        try reader.finish()
    }

    var json: JSON {
        .object(["pid": .string(pid?.rawValue ?? ""), "target": .string(target?.string ?? "")])
    }
}
