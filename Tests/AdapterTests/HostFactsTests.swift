import Domain
import Testing

@testable import HostFacts

@Suite("Facts about the host", .timeLimit(.minutes(10)))
struct HostFactsTests {
    @Test("ids are 64 hexadecimal digits and do not repeat")
    func ids() {
        let ids = RandomIDs()
        let made =
            (0..<1000).map { _ in ids.newPodID().rawValue } + (0..<1000).map { _ in ids.newContainerID().rawValue }
        #expect(Set(made).count == 2000)
    }

    @Test("the clock tells nanoseconds since the epoch")
    func clock() {
        #expect(SystemClock().now() > Timestamp(nanoseconds: 1_700_000_000_000_000_000))
    }

    private func network(_ files: [String: String], plugins: [String]) async throws -> RuntimeCondition {
        let directory = try TemporaryDirectory()
        directory.makeDirectory("net.d")
        directory.makeDirectory("bin")
        for (name, text) in files { try directory.write("net.d/\(name)", text) }
        for plugin in plugins { try directory.write("bin/\(plugin)", "#!/bin/sh\n", mode: 0o700) }
        return await CNINetworkStatus(
            confDir: directory.path + "/net.d", binDirs: ["/nonexistent", directory.path + "/bin"]
        )
        .condition()
    }

    private static let conflist = """
        {"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge","ipam":{"type":"host-local"}},{"type":"portmap"}]}
        """

    @Test("the network is ready with a configuration whose plugins are all there")
    func ready() async throws {
        let condition = try await network(
            ["10-pods.conflist": Self.conflist], plugins: ["bridge", "host-local", "portmap"])
        #expect(condition == RuntimeCondition(type: "NetworkReady", status: true))
        let single = try await network(
            ["a.conf": #"{"name":"n","type":"ptp"}"#, "z.conflist": "rubbish"], plugins: ["ptp"])
        #expect(single.status)
    }

    @Test("the first usable file is taken, as the engine does, whatever stands before it")
    func firstUsable() async throws {
        let condition = try await network(
            [
                "00-broken.conflist": "{", "05-list.conf": Self.conflist,
                "10-none.conflist": #"{"name":"n","type":"none"}"#,
            ],
            plugins: ["bridge", "host-local", "portmap"])
        #expect(condition == RuntimeCondition(type: "NetworkReady", status: true))
        let upper = try await network(
            ["Z.conf": #"{"name":"n","type":"ptp"}"#, "a.conf": #"{"name":"n","type":"none"}"#], plugins: ["ptp"])
        #expect(upper.status)
    }

    @Test("an engine that hangs, fails or is none is told of")
    func engineAnswers() async throws {
        // No program that is written here: while a child that another test has just forked has it open for writing, it
        // cannot be executed.
        let fake = try FakeEngine()
        func check(_ script: String) async throws -> HostCheck {
            try fake.write("version.run", script + "\n")
            let checks = HostChecks(engine: fake.binary, dataDir: "/", runDir: "/", cniConfDir: "/", cniBinDirs: [])
            return await checks.engineAnswers(within: script.contains("sleep") ? .milliseconds(500) : .seconds(60))
        }
        #expect(try await check("echo gantry Version: 1.0").verdict == .ok)
        #expect(try await check("exec sleep 100").finding.contains("did not finish"))
        #expect(try await check("echo no >&2; exit 3").finding.contains("no"))
        #expect(try await check("echo hello").verdict == .failure)
    }

    @Test("a runtime handler's program that is none, fails or hangs is told of by the handler's name")
    func runtimes() async throws {
        let fake = try FakeEngine()
        func check(_ script: String) async throws -> HostCheck {
            try fake.write(".run", script + "\n")
            let limit: Duration = script.contains("sleep") ? .milliseconds(500) : .seconds(60)
            let checks = await HostChecks.runtimes(["kata": fake.binary], within: limit)
            return try #require(checks.first)
        }
        let good = try await check("echo runc version 1.1.5; echo spec: 1.0")
        #expect(good.verdict == .ok && good.finding.contains("runc version 1.1.5") && good.name == "runtime kata")
        for script in ["echo hello", "echo no >&2; exit 3", "exec sleep 100"] {
            let bad = try await check(script)
            #expect(bad.verdict == .warning && bad.finding.contains("pods with runtime handler \"kata\" are refused"))
            #expect(!bad.remedy.isEmpty)
        }
        let none = await HostChecks.runtimes(["b": "/nonexistent/b", "a": "/nonexistent/a"])
        #expect(none.map(\.name) == ["runtime a", "runtime b"] && none.allSatisfy { $0.verdict == .warning })
    }

    @Test(
        "otherwise the reason says what to do",
        arguments: [
            ([:], "NetworkNotConfigured", "no network configuration"),
            (["a.txt": "x"], "NetworkNotConfigured", "no network configuration"),
            (["a.conflist": "{"], "NetworkConfigurationInvalid", "a.conflist is no CNI configuration: JSON line 1"),
            (["a.conflist": #"{"name":"n","plugins":[]}"#], "NetworkConfigurationInvalid", "lists no plugins"),
            (["a.conf": #"{"type":"x"}"#], "NetworkConfigurationInvalid", "no \"name\""),
            (["a.conf": #"{"name":"n","type":"../x"}"#], "NetworkConfigurationInvalid", "\"type\""),
            (["a.conflist": conflist], "NetworkPluginMissing", "\"portmap\""),
        ] as [([String: String], String, String)])
    func notReady(files: [String: String], reason: String, words: String) async throws {
        let condition = try await network(files, plugins: ["bridge", "host-local"])
        #expect(!condition.status)
        #expect(condition.reason == reason)
        #expect(condition.message.contains(words), "\(condition.message)")
    }

    @Test("a directory that is not there is said")
    func noDirectory() async {
        let condition = await CNINetworkStatus(confDir: "/nonexistent/net.d", binDirs: []).condition()
        #expect(condition.reason == "NetworkNotConfigured")
        #expect(condition.message.contains("/nonexistent/net.d"))
    }

    @Test("the pods' range is kept when it is one")
    func podCIDR() async throws {
        let status = CNINetworkStatus(confDir: "/", binDirs: [])
        try await status.podCIDRChanged("10.0.0.0/16,fd00::/64")
        #expect(status.podCIDR == "10.0.0.0/16,fd00::/64")
        for bad in ["10.0.0.0", "10.0.0.0/33", "x/1", "10.0.0.0/+1", "fd00::/129"] {
            let error = await #expect(throws: DomainError.self) { try await status.podCIDRChanged(bad) }
            #expect(error?.code == .invalidArgument)
        }
        #expect(status.podCIDR == "10.0.0.0/16,fd00::/64")
    }

    @Test(
        "the pods' range outlives the daemon, which is not told again; what the file holds is checked as if it were told"
    )
    func keptRanges() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/pod-ranges"
        let ranges = PodRanges(keptAt: path)
        #expect(ranges.current.isEmpty)
        ranges.set("10.0.0.0/16,fd00::/64")
        #expect(PodRanges(keptAt: path).current == ["10.0.0.0/16", "fd00::/64"])
        try directory.write("pod-ranges", "10.0.0.0/16,../x")
        #expect(PodRanges(keptAt: path).current.isEmpty)
    }

    @Test("what the kernel or the daemon's unit loads by itself is no failure, and what is nowhere is one")
    func modules() throws {
        let host = try TemporaryDirectory()
        for name in [
            "lib", "lib/modules", "lib/modules/6.1", "lib/modules/6.2", "sys", "sys/module", "sys/module/overlay",
        ] {
            host.makeDirectory(name)
        }
        try host.write(
            "lib/modules/6.1/modules.dep",
            "kernel/fs/overlayfs/overlay.ko:\nkernel/net/bridge/br_netfilter.ko.xz: kernel/net/bridge/bridge.ko.xz\n")
        try host.write("lib/modules/6.1/modules.builtin", "kernel/net/netfilter/nf_conntrack.ko\n")
        let root = host.path
        let (new, bare) = (KernelModules(root: root, release: "6.1"), KernelModules(root: root, release: "6.2"))
        #expect(new.presence(of: "overlay") == .there)
        #expect(new.presence(of: "bridge") == .absent)
        #expect(new.presence(of: "br_netfilter") == .loadable)
        #expect(new.presence(of: "nf_conntrack") == .there)
        #expect(bare.presence(of: "br_netfilter") == .absent)
        #expect(HostChecks.bridgeFilter(setting: nil, modules: new).verdict == .ok)
        #expect(HostChecks.bridgeFilter(setting: nil, modules: bare).verdict == .warning)
        #expect(HostChecks.bridgeFilter(setting: "0", modules: new).verdict == .warning)
        #expect(HostChecks.connectionTracking(isThere: false, modules: new).verdict == .ok)
        #expect(HostChecks.connectionTracking(isThere: false, modules: bare).verdict == .warning)
        let empty = KernelModules(root: root + "/none", release: "6.1")
        #expect(HostChecks.overlay(filesystems: "nodev\toverlay\n", modules: empty).verdict == .ok)
        #expect(HostChecks.overlay(filesystems: "nodev\tproc\n", modules: new).verdict == .ok)
        #expect(HostChecks.overlay(filesystems: "nodev\tproc\n", modules: empty).verdict == .failure)
    }

    @Test(
        "a kernel is judged by what it brings",
        arguments: [
            ("6.18.0-1-amd64", HostCheck.Verdict.ok), ("5.19", .ok), ("5.15.0", .warning), ("5.10", .warning),
            ("5.5.1", .failure),
            ("4.19", .failure), ("", .warning), ("x", .warning),
        ])
    func kernels(release: String, verdict: HostCheck.Verdict) {
        #expect(HostChecks.kernel(release: release).verdict == verdict)
    }

    @Test("a root that is not shared is a warning, and where the engine is rkt a failure")
    func propagation() {
        let (shared, own) = ("22 1 0:20 / / rw shared:1 - ext4 /dev/vda rw\n", "22 1 0:20 / / rw - ext4 /dev/vda rw\n")
        #expect(HostChecks.mountPropagation(isRkt: true, mounts: shared).verdict == .ok)
        #expect(HostChecks.mountPropagation(isRkt: false, mounts: own).verdict == .warning)
        let rkt = HostChecks.mountPropagation(isRkt: true, mounts: own)
        #expect(rkt.verdict == .failure && rkt.finding.contains("files") && !rkt.remedy.isEmpty)
    }
}
