import ByteText

/// What a node needs, looked at one by one. Nothing is changed on the host.
package struct HostChecks: Sendable {
    package var engine: String
    package var dataDir: String
    package var runDir: String
    package var cniConfDir: String
    package var cniBinDirs: [String]

    package init(engine: String, dataDir: String, runDir: String, cniConfDir: String, cniBinDirs: [String]) {
        self.engine = engine
        self.dataDir = dataDir
        self.runDir = runDir
        self.cniConfDir = cniConfDir
        self.cniBinDirs = cniBinDirs
    }

    /// All checks, in the order in which one would mend them.
    ///
    /// - Parameter isRkt: whether the engine is the archived rkt, which needs other programs than gantry does.
    package func run(isRkt: Bool = false) -> [HostCheck] {
        [
            Self.root(), Self.systemd(), Self.cgroups(), Self.capabilities(), engineProgram(), supervisorProgram(),
            Self.program("systemd-run", package: "systemd", verdict: .failure),
        ] + (isRkt ? Self.programsOfRkt() : Self.programsOfGantry()) + [
            network(), Self.forwarding(), Self.bridgeFilter(), Self.connectionTracking(), Self.portMapping(),
            Self.kernel(),
            Self.overlay(), Self.namespaces(), Self.seccomp(), Self.appArmor(),
            Self.mountPropagation(isRkt: isRkt), space(),
        ]
    }

    // MARK: Programs

    private static func programsOfGantry() -> [HostCheck] {
        [
            program("crun", package: "crun", verdict: .failure),
            program("skopeo", package: "skopeo", verdict: .failure),
            signaturePolicy(),
        ]
    }

    private static func programsOfRkt() -> [HostCheck] {
        [program("systemd-nspawn", package: "systemd-container", verdict: .failure)]
    }

    private static func program(_ name: String, package: String, verdict: HostCheck.Verdict) -> HostCheck {
        if let path = HostFiles.program(name) { return .ok(name, path) }
        return HostCheck(name, verdict, "not installed", remedy: "apt-get install \(package)")
    }

    private func engineProgram() -> HostCheck {
        if HostFiles.isExecutable(engine) { return .ok("engine", engine) }
        return HostCheck(
            "engine", .failure, "\(engine) is not an executable file",
            remedy: "make install, or set engine in the configuration")
    }

    /// Where the engine looks for its supervisor (`gantry` does).
    private var supervisorPlaces: [String] {
        let directory = engine.pathComponents.dropLast().joined(separator: "/")
        let parent = directory.pathComponents.dropLast().joined(separator: "/")
        return ["/\(directory)/gantry-pod", "/\(parent)/libexec/rktlet/gantry-pod"]
    }

    /// Nil where there is none.
    var supervisorPath: String? { supervisorPlaces.first(where: HostFiles.isExecutable) }

    private func supervisorProgram() -> HostCheck {
        if let path = supervisorPath { return .ok("supervisor", path) }
        if !engine.ends(with: "gantry") { return .ok("supervisor", "the engine's own business") }
        return HostCheck(
            "supervisor", .failure, "gantry-pod is neither in \(supervisorPlaces.joined(separator: " nor in "))",
            remedy: "make install")
    }

    // MARK: Network

    private func network() -> HostCheck {
        do {
            let found = try CNIConfiguration.load(directory: cniConfDir, binDirs: cniBinDirs)
            return .ok("network", "\(found.name) from \(found.file): \(found.plugins.joined(separator: ", "))")
        } catch {
            return HostCheck(
                "network", .failure, error.description,
                remedy: "apt-get install containernetworking-plugins; see the sample in \(cniConfDir)")
        }
    }

    // MARK: Storage

    /// - Parameter mounts: those of PID 1 (proc(5), mountinfo).
    static func mountPropagation(
        isRkt: Bool, mounts: String? = HostFiles.text(of: "/proc/1/mountinfo", limit: 1 << 20)
    ) -> HostCheck {
        let lines = mounts?.words(at: "\n") ?? []
        let root = lines.first { $0.words(at: " ").dropFirst(4).first == "/" }
        if root?.has(text: " shared:") == true { return .ok("propagation", "/ is a shared mount") }
        if isRkt {
            return HostCheck(
                "propagation", .failure, "/ is not a shared mount: the containers of rkt come without their files",
                remedy: "mount --make-rshared /")
        }
        return HostCheck(
            "propagation", .warning, "/ is not a shared mount: bidirectional mounts of pods will not reach the host",
            remedy: "mount --make-rshared /")
    }

    private func space() -> HostCheck {
        guard let free = FreeSpace.bytes(below: dataDir) else {
            return HostCheck("space", .warning, "cannot tell the free space for \(dataDir)")
        }
        let gibibytes = free >> 30
        if gibibytes >= 2 { return .ok("space", "\(gibibytes) GiB free for \(dataDir)") }
        return HostCheck(
            "space", .warning, "only \(free >> 20) MiB free for \(dataDir)", remedy: "free some, or move dataDir")
    }
}
