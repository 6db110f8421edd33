import ByteText
import JSON

/// Builds the OCI runtime document (specification 1.0, as crun 1.8 takes it) of one app.
package struct RuntimeSpec {
    private let request: SpecRequest
    private let facts: HostFacts
    private let host: any SpecHost
    private let user: ResolvedUser
    private let capabilities: CapabilitySets
    private let profiles: SeccompCache?
    private var notes: [String] = []

    private var config: AppConfig { request.config }

    /// Everything is checked; `invalid` names the field of the configuration that cannot be had.
    package static func build(
        _ request: SpecRequest, users: RootfsUsers, facts: HostFacts, host: any SpecHost, profiles: SeccompCache? = nil
    ) throws(EngineError) -> BuiltSpec {
        var builder = RuntimeSpec(
            request: request, facts: facts, host: host,
            user: try ResolvedUser(request.config.user, image: request.image, users: users),
            capabilities: CapabilitySets(
                request.config.capabilities, privileged: request.config.privileged, bounding: facts.boundingCapabilities
            ), profiles: profiles)
        return try builder.build()
    }

    private init(
        request: SpecRequest, facts: HostFacts, host: any SpecHost, user: ResolvedUser, capabilities: CapabilitySets,
        profiles: SeccompCache?
    ) {
        self.request = request
        self.facts = facts
        self.host = host
        self.user = user
        self.capabilities = capabilities
        self.profiles = profiles
    }

    private mutating func build() throws(EngineError) -> BuiltSpec {
        let argv = try ProcessArguments.argv(config, request.image)
        let interfaces = try DeviceInterfaces(host: host).edits(config.cdiDevices)
        var environment = ProcessArguments.environment(
            config, request.image, hostname: request.hostname, home: user.home)
        environment += interfaces.env
        let directory = workingDirectory
        let mounts = try SpecMounts(request: request, facts: facts, host: host).build(with: interfaces.mounts)
        var groups = user.groups
        groups += interfaces.groups.filter { !user.groups.contains($0) }
        let process = try process(argv: argv, environment: environment, directory: directory, groups: groups)
        var document: JSON = [
            "ociVersion": "1.0.2", "process": .object(process),
            "root": ["path": .string(request.rootfs), "readonly": .bool(config.readonlyRootfs)],
            "mounts": .array(mounts.mounts.map(\.json)), "linux": .object(try linux(mounts, interfaces)),
            "annotations": [
                "io.rktlet.pod": .string(request.pod.string), "io.rktlet.app": .string(request.app.string),
            ],
        ]
        if !interfaces.hooks.isEmpty, var members = document.objectValue {
            members["hooks"] = .object(interfaces.hooks.mapValues { .array($0) })
            document = .object(members)
        }
        for name in capabilities.refused {
            notes.append("capability \(name.string) is left out: this host cannot give it")
        }
        return BuiltSpec(
            json: document, argv: argv, environment: environment,
            user: .init(uid: user.uid, gid: user.gid, supplementalGroups: groups), stopSignal: stopSignal(),
            workingDirectory: directory, notes: notes,
            directories: [directory] + request.image.volumes.map(LexicalPath.clean).filter { $0 != "/" })
    }

    private var workingDirectory: String {
        let wanted = config.workingDir.isEmpty ? request.image.workingDir : config.workingDir
        return LexicalPath.clean(wanted)
    }

    private mutating func stopSignal() -> Signal {
        if let signal = config.stopSignal { return signal }
        if request.image.stopSignal.isEmpty { return .term }
        guard let signal = try? Signal(parsing: request.image.stopSignal) else {
            notes.append("the image's stop signal \"\(request.image.stopSignal)\" is not known: SIGTERM is used")
            return .term
        }
        return signal
    }

    private mutating func process(
        argv: [String], environment: [AppConfig.Variable], directory: String, groups: [Int64]
    ) throws(EngineError) -> [String: JSON] {
        var process: [String: JSON] = [
            "terminal": .bool(config.tty), "args": .strings(argv),
            "env": .array(environment.map { .string("\($0.name)=\($0.value)") }), "cwd": .string(directory),
            "user": [
                "uid": .integer(user.uid), "gid": .integer(user.gid),
                "additionalGids": .array(groups.map { .integer($0) }),
            ],
            "capabilities": capabilities.json, "noNewPrivileges": .bool(config.noNewPrivileges),
            "oomScoreAdj": .integer(oomScore()),
            "rlimits": ResourceLimits.json(facts),
        ]
        if let profile = try appArmorProfile() { process["apparmorProfile"] = .string(profile) }
        if let label = selinuxLabel() { process["selinuxLabel"] = .string(label) }
        return process
    }

    private mutating func oomScore() -> Int64 {
        let wanted = config.resources.oomScoreAdj
        guard wanted < facts.lowestOOMScoreAdj else { return wanted }
        notes.append("oomScoreAdj \(wanted) is out of reach on this host: \(facts.lowestOOMScoreAdj) is used")
        return facts.lowestOOMScoreAdj
    }

    private func appArmorProfile() throws(EngineError) -> String? {
        switch config.apparmor.type {
        case .unconfined: return nil
        case nil: return config.privileged ? nil : facts.appArmorDefault
        case .runtimeDefault: return config.privileged ? nil : try runtimeDefaultProfile()
        case .localhost: break
        }
        guard facts.appArmor else {
            throw EngineError(.invalid, "apparmor.profile \(config.apparmor.profile): this kernel has no AppArmor")
        }
        let profile = config.apparmor.profile
        if let loaded = facts.appArmorProfiles, !loaded.has(profile) {
            throw EngineError(
                .invalid,
                "apparmor.profile \(profile): AppArmor has no such profile loaded; apparmor_parser(8) loads one")
        }
        return profile
    }

    /// Asked for by name: never a container without it that believes to have it. A kernel without AppArmor has none, as for everybody else's.
    private func runtimeDefaultProfile() throws(EngineError) -> String? {
        if let profile = facts.appArmorDefault { return profile }
        guard facts.appArmor else { return nil }
        let cause =
            facts.appArmorProfiles == nil
            ? "AppArmor's profiles cannot be read (mount -t securityfs securityfs /sys/kernel/security)"
            : "AppArmor has no profile rktlet-default loaded"
        throw EngineError(
            .precondition,
            "apparmor: the runtime's default profile is asked for, and \(cause); rktlet loads it when it starts, and "
                + "`rktlet doctor` says why it could not; or apparmor_parser --replace /etc/apparmor.d/rktlet-default")
    }

    private mutating func selinuxLabel() -> String? {
        if config.selinux.isEmpty { return nil }
        guard facts.seLinux else {
            notes.append("selinux is left out: this kernel has no SELinux")
            return nil
        }
        let parts = config.selinux
        return "\(parts.user):\(parts.role):\(parts.type):\(parts.level)"
    }

    private mutating func linux(
        _ mounts: SpecMounts.Result, _ interfaces: DeviceInterfaces.Edits
    ) throws(EngineError) -> [String: JSON] {
        var devices = try SpecDevices(config, ownsDev: mounts.ownsDev, host: host)
        for (node, permissions) in interfaces.devices { devices.add(node, permissions: permissions) }
        let resources = try SpecResources(config.resources, facts: facts)
        notes += resources.notes
        var limits = resources.json
        limits["devices"] = .array(devices.rules)
        var linux: [String: JSON] = [
            "cgroupsPath": .string(request.cgroupsPath), "resources": .object(limits), "devices": devices.nodesJSON,
            "namespaces": request.namespaces.json(cgroupV2: facts.cgroupV2),
            "maskedPaths": .strings(config.privileged ? [] : config.maskedPaths ?? Self.maskedPaths),
            "readonlyPaths": .strings(config.privileged ? [] : config.readonlyPaths ?? Self.readonlyPaths),
        ]
        if let user = request.namespaces.userMappings {
            linux["uidMappings"] = SpecNamespaces.ociMappings(user.uids)
            linux["gidMappings"] = SpecNamespaces.ociMappings(user.gids)
        }
        if let propagation = mounts.rootPropagation { linux["rootfsPropagation"] = .string(propagation) }
        if let profile = try seccomp() { linux["seccomp"] = profile }
        return linux
    }

    /// Where distributions put the profile of containers-common.
    static let distributionProfile = "/usr/share/containers/seccomp.json"

    private func seccomp() throws(EngineError) -> JSON? {
        if config.privileged { return nil }
        let converter = SeccompProfile(capabilities: capabilities, facts: facts)
        switch config.seccomp.type {
        case .unconfined: return nil
        case .runtimeDefault:
            if let known = profiles?.profile(for: capabilities) { return known }
            let profile: JSON
            if let bytes = try host.read(Self.distributionProfile) {
                profile = try converter.convert(parse(bytes, Self.distributionProfile), path: Self.distributionProfile)
            } else {
                profile = try converter.convert(BuiltInSeccomp.profile, path: "built in")
            }
            profiles?.keep(profile, for: capabilities)
            return profile
        case .localhost:
            guard let bytes = try host.read(config.seccomp.path) else {
                throw EngineError(.invalid, "seccomp.path \(config.seccomp.path): there is no such file")
            }
            return try converter.convert(parse(bytes, config.seccomp.path), path: config.seccomp.path)
        }
    }

    private func parse(_ bytes: [UInt8], _ path: String) throws(EngineError) -> JSON {
        do {
            return try JSON(parsing: bytes)
        } catch {
            throw EngineError(.invalid, "seccomp profile \(path): \(error)")
        }
    }

    private static let maskedPaths = [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
        "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap",
        "/sys/firmware",
    ]

    private static let readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
}

extension RuntimeSpec {
    /// The process document of `crun exec --process`: the app's own user, groups, capabilities, environment, directory and
    /// security, running `argv`. `process` is that of the document of the app's bundle.
    package static func execProcess(
        of process: JSON, argv: [String], tty: Bool, size: JSON? = nil, environment: [AppConfig.Variable] = []
    ) throws(EngineError) -> JSON {
        guard var process = process.objectValue else {
            throw EngineError(.internal, "the app's runtime document has no process")
        }
        guard argv.first?.isEmpty == false else { throw EngineError(.invalid, "no command to execute") }
        process["args"] = .strings(argv)
        process["terminal"] = .bool(tty)
        if tty { process["consoleSize"] = size }
        var variables = process["env"]?.arrayValue ?? []
        for variable in environment { set("\(variable.name)=", variable.value, in: &variables) }
        if tty, !variables.contains(where: { $0.stringValue?.begins(with: "TERM=") == true }) {
            variables.append("TERM=xterm")
        }
        process["env"] = .array(variables)
        return .object(process)
    }

    private static func set(_ prefix: String, _ value: String, in variables: inout [JSON]) {
        variables.removeAll { $0.stringValue?.begins(with: prefix) == true }
        variables.append(.string(prefix + value))
    }
}
