import Domain
import JSON

extension ContainerSecurity {
    var json: JSON {
        var document = JSONMembers()
        let capabilities = capabilities.json
        if !capabilities.isEmpty { document.set("capabilities", capabilities.json) }
        document.set("privileged", privileged)
        document.set("namespaces", namespaces.json)
        document.set("selinux", seLinux?.json)
        document.set("run_as_user", runAsUser.map { .integer($0) })
        document.set("run_as_username", runAsUsername)
        document.set("run_as_group", runAsGroup.map { .integer($0) })
        document.set("readonly_rootfs", readonlyRootfs)
        document.set("supplemental_groups", supplementalGroups.map { .integer($0) })
        document.set("supplemental_groups_policy", supplementalGroupsPolicy.rawValue)
        document.set("no_new_privileges", noNewPrivileges)
        // An empty list says something else than none.
        document.set("masked_paths", maskedPaths.map { .array($0.map { .string($0) }) })
        document.set("readonly_paths", readonlyPaths.map { .array($0.map { .string($0) }) })
        document.set("seccomp", seccomp.json)
        document.set("apparmor", appArmor?.json)
        return document.json
    }

    init(fields: JSONFields) throws(CodecError) {
        self.init()
        capabilities =
            try fields.object("capabilities") { (nested) throws(CodecError) in try Capabilities(fields: nested) }
            ?? Capabilities()
        privileged = try fields.bool("privileged")
        namespaces =
            try fields.object("namespaces") { (nested) throws(CodecError) in try NamespaceOptions(fields: nested) }
            ?? NamespaceOptions()
        seLinux = try fields.object("selinux") { (nested) throws(CodecError) in try SELinuxOptions(fields: nested) }
        runAsUser = try fields.optionalInteger("run_as_user")
        runAsUsername = try fields.string("run_as_username")
        runAsGroup = try fields.optionalInteger("run_as_group")
        readonlyRootfs = try fields.bool("readonly_rootfs")
        supplementalGroups = try fields.list("supplemental_groups", of: "whole numbers", \.int64Value)
        supplementalGroupsPolicy = try fields.choice("supplemental_groups_policy", default: .merge)
        noNewPrivileges = try fields.bool("no_new_privileges")
        maskedPaths = try fields.optionalStrings("masked_paths")
        readonlyPaths = try fields.optionalStrings("readonly_paths")
        seccomp = try fields.profile("seccomp") ?? .unconfined
        appArmor = try fields.profile("apparmor")
    }
}

extension Capabilities {
    /// The same keys as in the engine's configuration.
    var json: JSONMembers {
        var document = JSONMembers()
        document.set("add", add)
        document.set("drop", drop)
        document.set("addAmbient", addAmbient)
        return document
    }

    init(fields: JSONFields) throws(CodecError) {
        self.init()
        add = try fields.strings("add")
        drop = try fields.strings("drop")
        addAmbient = try fields.strings("addAmbient")
    }
}

extension SELinuxOptions {
    /// The same keys as in the engine's configuration.
    var json: JSON {
        ["user": .string(user), "role": .string(role), "type": .string(type), "level": .string(level)]
    }

    init(fields: JSONFields) throws(CodecError) {
        self.init(
            user: try fields.string("user"), role: try fields.string("role"), type: try fields.string("type"),
            level: try fields.string("level"))
    }
}

extension SecurityProfile {
    var json: JSON {
        switch self {
        case .runtimeDefault: ["type": "runtime-default"]
        case .unconfined: ["type": "unconfined"]
        case .localhost(let name): ["type": "localhost", "name": .string(name)]
        }
    }
}

extension JSONFields {
    fileprivate func profile(_ key: String) throws(CodecError) -> SecurityProfile? {
        try object(key) { (nested) throws(CodecError) in
            switch try nested.string("type") {
            case "runtime-default": .runtimeDefault
            case "unconfined": .unconfined
            case "localhost": .localhost(try nested.string("name"))
            default: throw CodecError(path: "\(nested.path).type", expected: "a known word")
            }
        }
    }

    /// A list whose elements are all of one kind.
    func list<T>(_ key: String, of expected: String, _ get: (JSON) -> T?) throws(CodecError) -> [T] {
        guard let elements = try array(key) else { return [] }
        let values = elements.compactMap(get)
        guard values.count == elements.count else {
            throw CodecError(path: "\(path).\(key)", expected: "a list of \(expected)")
        }
        return values
    }
}
