import JSON

extension AppConfig {
    /// Reads the document: unknown keys and wrong types are refused, naming the key path.
    package init(json: JSON) throws(EngineError) {
        var reader = try ObjectReader(json)
        try reader.version()
        command = try reader.strings("command")
        args = try reader.strings("args")
        workingDir = try reader.absolutePath("workingDir")
        env = try reader.objects("env") { (nested) throws(EngineError) in try Variable(&nested) }
        user = try reader.object("user") { (nested) throws(EngineError) in try User(&nested) } ?? User()
        tty = try reader.bool("tty")
        stdin = try reader.bool("stdin")
        stdinOnce = try reader.bool("stdinOnce")
        mounts = try reader.objects("mounts") { (nested) throws(EngineError) in try AppMount(&nested) }
        devices = try reader.objects("devices") { (nested) throws(EngineError) in try Device(&nested) }
        cdiDevices = try reader.strings("cdiDevices")
        try readSecurity(&reader)
        namespaces =
            try reader.object("namespaces") { (nested) throws(EngineError) in try Namespaces(&nested) } ?? Namespaces()
        resources =
            try reader.object("resources") { (nested) throws(EngineError) in try AppResources(&nested) }
            ?? AppResources()
        try readStop(&reader)
        logPath = try reader.absolutePath("logPath")
        annotations = try reader.stringMap("annotations")
        userAnnotations = try reader.stringMap("userAnnotations")
        userLabels = try reader.stringMap("userLabels")
        try reader.finish()
    }

    private mutating func readSecurity(_ reader: inout ObjectReader) throws(EngineError) {
        capabilities =
            try reader.object("capabilities") { (nested) throws(EngineError) in try Capabilities(&nested) }
            ?? Capabilities()
        privileged = try reader.bool("privileged")
        readonlyRootfs = try reader.bool("readonlyRootfs")
        noNewPrivileges = try reader.bool("noNewPrivileges")
        seccomp = try reader.object("seccomp") { (nested) throws(EngineError) in try Seccomp(&nested) } ?? Seccomp()
        apparmor = try reader.object("apparmor") { (nested) throws(EngineError) in try AppArmor(&nested) } ?? AppArmor()
        selinux = try reader.object("selinux") { (nested) throws(EngineError) in try SELinux(&nested) } ?? SELinux()
        maskedPaths = try reader.absolutePaths("maskedPaths")
        readonlyPaths = try reader.absolutePaths("readonlyPaths")
    }

    private mutating func readStop(_ reader: inout ObjectReader) throws(EngineError) {
        let signal = try reader.string("stopSignal")
        if !signal.isEmpty {
            do {
                stopSignal = try Signal(parsing: signal)
            } catch {
                throw error.prefixed(reader.keyPath("stopSignal"))
            }
        }
        stopTimeoutSeconds = try reader.optionalInteger("stopTimeoutSeconds", in: 0...Int64(Int32.max))
    }

    /// The document this was read from, without what is as it is by default: an older supervisor, which refuses keys that it does not know,
    /// takes it as long as it asks for nothing new.
    package var json: JSON {
        var members = full.without(Self.defaults).objectValue ?? [:]
        members["version"] = .integer(1)
        if !mounts.isEmpty { members["mounts"] = .array(mounts.map { $0.json.without(Self.mountDefaults) }) }
        return .object(members)
    }

    private static let defaults = AppConfig().full
    private static let mountDefaults = AppMount(containerPath: "", hostPath: "").json

    private var full: JSON {
        var document: [String: JSON] = [
            "version": .integer(1), "command": .strings(command), "args": .strings(args),
            "workingDir": .string(workingDir),
            "env": .array(env.map { .object(["name": .string($0.name), "value": .string($0.value)]) }),
            "user": user.json, "tty": .bool(tty), "stdin": .bool(stdin), "stdinOnce": .bool(stdinOnce),
            "mounts": .array(mounts.map(\.json)), "devices": .array(devices.map(\.json)),
            "cdiDevices": .strings(cdiDevices), "capabilities": capabilities.json, "privileged": .bool(privileged),
            "readonlyRootfs": .bool(readonlyRootfs), "noNewPrivileges": .bool(noNewPrivileges),
            "seccomp": .object(["type": .string(seccomp.type.rawValue), "path": .string(seccomp.path)]),
            "apparmor": .object(["type": .string(apparmor.type?.rawValue ?? ""), "profile": .string(apparmor.profile)]),
            "selinux": .object([
                "user": .string(selinux.user), "role": .string(selinux.role), "type": .string(selinux.type),
                "level": .string(selinux.level),
            ]),
            "namespaces": namespaces.json, "resources": resources.json, "logPath": .string(logPath),
            "stopSignal": .string(stopSignal?.name ?? ""),
            "annotations": .stringMap(annotations), "userAnnotations": .stringMap(userAnnotations),
            "userLabels": .stringMap(userLabels),
        ]
        if let maskedPaths { document["maskedPaths"] = .strings(maskedPaths) }
        if let readonlyPaths { document["readonlyPaths"] = .strings(readonlyPaths) }
        if let stopTimeoutSeconds { document["stopTimeoutSeconds"] = .integer(stopTimeoutSeconds) }
        return .object(document)
    }
}

extension JSON {
    /// Without the members, of nested objects too, that are equal to those of `defaults`.
    func without(_ defaults: JSON) -> JSON {
        guard let members = objectValue, let defaults = defaults.objectValue else { return self }
        var rest: [String: JSON] = [:]
        for (key, value) in members where value != defaults[key] {
            rest[key] = defaults[key].map { value.without($0) } ?? value
        }
        return .object(rest)
    }
}
