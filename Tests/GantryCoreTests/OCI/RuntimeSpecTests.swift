import JSON
import Testing

@testable import GantryCore

@Suite(.timeLimit(.minutes(10)))
struct RuntimeSpecTests {
    @Test func `The document of a plain app is this, to the letter`() throws {
        var plain = SpecCase()
        plain.config.seccomp.type = .unconfined
        plain.config.maskedPaths = ["/proc/kcore"]
        plain.config.readonlyPaths = []
        plain.config.capabilities.drop = [.all]
        plain.config.capabilities.add = [try CapabilityName(parsing: "CHOWN")]
        let spec = try plain.build().json
        let strict: JSON = ["nosuid", "noexec", "nodev"]
        let file: JSON = ["rbind", "rw", "rprivate", "nosuid", "noexec", "nodev"]
        let one: JSON = ["CAP_CHOWN"]
        func rule(_ major: Int64, _ minor: Int64) -> JSON {
            ["allow": true, "type": "c", "major": .integer(major), "minor": .integer(minor), "access": "rwm"]
        }
        let expected: JSON = [
            "ociVersion": "1.0.2",
            "annotations": ["io.rktlet.app": "web", "io.rktlet.pod": "0b5e2a52-3c9c-4d2e-8f83-3c1f2b1d9a01"],
            "root": ["path": "rootfs", "readonly": false],
            "process": [
                "terminal": false, "args": ["/bin/sh"], "cwd": "/", "noNewPrivileges": false, "oomScoreAdj": 0,
                "env": [
                    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "HOSTNAME=web-0",
                ],
                "user": ["uid": 0, "gid": 0, "additionalGids": [0]],
                "capabilities": [
                    "bounding": one, "effective": one, "permitted": one, "inheritable": [], "ambient": [],
                ],
                "rlimits": ResourceLimits.json(.full),
            ],
            "mounts": [
                ["destination": "/proc", "type": "proc", "source": "proc", "options": strict],
                [
                    "destination": "/dev", "type": "tmpfs", "source": "tmpfs",
                    "options": ["nosuid", "strictatime", "mode=755", "size=65536k"],
                ],
                [
                    "destination": "/sys", "type": "sysfs", "source": "sysfs",
                    "options": ["nosuid", "noexec", "nodev", "ro"],
                ],
                [
                    "destination": "/dev/pts", "type": "devpts", "source": "devpts",
                    "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
                ],
                ["destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": strict],
                [
                    "destination": "/dev/shm", "type": "bind", "source": "/pod/shm",
                    "options": ["rbind", "rw", "nosuid", "noexec", "nodev"],
                ],
                ["destination": "/etc/hosts", "type": "bind", "source": "/pod/hosts", "options": file],
                ["destination": "/etc/hostname", "type": "bind", "source": "/pod/hostname", "options": file],
                ["destination": "/etc/resolv.conf", "type": "bind", "source": "/pod/resolv.conf", "options": file],
                [
                    "destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
                    "options": ["nosuid", "noexec", "nodev", "relatime", "ro"],
                ],
            ],
            "linux": [
                "cgroupsPath": "/unit/web", "devices": [], "maskedPaths": ["/proc/kcore"], "readonlyPaths": [],
                "namespaces": [
                    ["type": "mount"], ["type": "cgroup"], ["type": "network", "path": "/ns/net"],
                    ["type": "ipc", "path": "/ns/ipc"], ["type": "uts", "path": "/ns/uts"], ["type": "pid"],
                ],
                "resources": [
                    "devices": [
                        ["allow": false, "access": "rwm"], ["allow": true, "type": "c", "access": "m"],
                        ["allow": true, "type": "b", "access": "m"], rule(1, 3), rule(1, 5), rule(1, 7), rule(1, 8),
                        rule(1, 9), rule(5, 0), rule(5, 2),
                        ["allow": true, "type": "c", "major": 136, "access": "rwm"],
                    ]
                ],
            ],
        ]
        #expect(spec == expected, "\(spec.serialized(pretty: true))")
    }

    @Test(arguments: [
        ([], [], ["/entry"], ["cmd"], ["/entry", "cmd"]),
        (["/c"], [], ["/entry"], ["cmd"], ["/c"]),
        (["/c"], ["a"], ["/entry"], ["cmd"], ["/c", "a"]),
        ([], ["a"], ["/entry"], ["cmd"], ["/entry", "a"]),
        ([], ["a"], [], ["cmd"], ["a"]),
        ([], [], [], ["cmd"], ["cmd"]),
        ([], [], [""], ["cmd"], ["cmd"]),
        ([], ["a"], [""], ["cmd"], ["a"]),
    ])
    func `Command and arguments replace entrypoint and cmd as the CRI says`(
        command: [String], args: [String], entrypoint: [String], cmd: [String], argv: [String]
    ) throws {
        var merge = SpecCase()
        (merge.config.command, merge.config.args) = (command, args)
        (merge.image.entrypoint, merge.image.cmd) = (entrypoint, cmd)
        #expect(try merge.build().argv == argv)
    }

    @Test func `An app without any command is refused`() throws {
        var empty = SpecCase()
        empty.image.cmd = []
        let error = try #require(throws: EngineError.self) { try empty.build() }
        #expect(error.code == .invalid && error.message.contains("no command"))
    }

    @Test func `The configuration's variables win over the image's, and neither loses to a default`() throws {
        var env = SpecCase()
        env.image.env = ["PATH=/image", "A=image", "B=image", "=nonsense", "HOME=/image"]
        env.config.env = [.init(name: "A", value: "two\nlines=x"), .init(name: "TERM", value: "vt100")]
        env.config.tty = true
        let variables = try env.build().json["process"]?["env"]
        #expect(
            variables == ["PATH=/image", "A=two\nlines=x", "B=image", "HOME=/image", "TERM=vt100", "HOSTNAME=web-0"])
    }

    @Test func `A terminal gets TERM, and its process asks for one`() throws {
        var tty = SpecCase()
        tty.config.tty = true
        let process = try tty.build().json["process"]
        #expect(process?["terminal"] == true)
        #expect(process?["env"]?.arrayValue?.contains("TERM=xterm") == true)
    }

    @Test func `The stop signal is the configuration's, the image's, or TERM`() throws {
        var stop = SpecCase()
        #expect(try stop.build().stopSignal == .term)
        stop.image.stopSignal = "SIGQUIT"
        #expect(try stop.build().stopSignal.number == 3)
        stop.config.stopSignal = .kill
        #expect(try stop.build().stopSignal == .kill)
        stop.config.stopSignal = nil
        stop.image.stopSignal = "nonsense"
        let built = try stop.build()
        #expect(built.stopSignal == .term && built.notes.count == 1)
    }

    @Test func `The working directory is made and cannot lead out`() throws {
        var cwd = SpecCase()
        cwd.image.workingDir = "/srv//app/../x/"
        cwd.image.volumes = ["/data"]
        let built = try cwd.build()
        #expect(built.json["process"]?["cwd"] == "/srv/x")
        #expect(built.directories == ["/srv/x", "/data"])
        cwd.config.workingDir = "/../../etc"
        #expect(try cwd.build().workingDirectory == "/etc")
    }

    @Test func `Privileged means every capability and device, no seccomp, no masks, a writable sysfs`() throws {
        var privileged = SpecCase()
        privileged.config.privileged = true
        privileged.host.device("/dev/fuse", 10, 229)
        privileged.host.device("/dev/null", 1, 3)
        privileged.host.device("/dev/pts/0", 136, 0)
        privileged.facts.boundingCapabilities &= ~(1 << 24)
        let built = try privileged.build()
        let linux = try #require(built.json["linux"])
        #expect(built.json.capabilities("bounding").count == 40)
        #expect(!built.json.capabilities("bounding").contains("CAP_SYS_RESOURCE"))
        #expect(built.notes.isEmpty)
        #expect(linux["seccomp"] == nil)
        #expect(linux["maskedPaths"] == [] && linux["readonlyPaths"] == [])
        #expect(linux["resources"]?["devices"] == [["allow": true, "access": "rwm"]])
        #expect(linux["devices"]?.arrayValue?.map { $0["path"] } == ["/dev/fuse"])
        #expect(built.json.options("/sys").contains("rw") && built.json.options("/sys/fs/cgroup").contains("rw"))
    }

    @Test func `What the host cannot do is left out or clamped, and noted`() throws {
        var poor = SpecCase()
        poor.facts.boundingCapabilities = 1
        poor.facts.lowestOOMScoreAdj = 0
        poor.facts.hardLimits = ["RLIMIT_NOFILE": 4096]
        poor.facts.swapLimits = false
        poor.facts.seLinux = false
        poor.facts.cgroupV2 = false
        poor.config.capabilities.add = [try CapabilityName(parsing: "SYS_RESOURCE")]
        poor.config.resources.oomScoreAdj = -500
        poor.config.resources.memoryLimit = 1 << 20
        poor.config.resources.memorySwapLimit = 1 << 20
        poor.config.resources.hugepageLimits = [
            .init(pageSize: "1GB", limit: 0), .init(pageSize: "2MB", limit: 0),
        ]
        poor.config.selinux.type = "t"
        let built = try poor.build()
        let process = try #require(built.json["process"])
        #expect(built.json.capabilities("effective") == ["CAP_CHOWN"])
        #expect(process["oomScoreAdj"] == 0)
        #expect(
            process["rlimits"]?.arrayValue?.contains(["type": "RLIMIT_NOFILE", "soft": 4096, "hard": 4096]) == true)
        #expect(process["selinuxLabel"] == nil)
        #expect(built.json["linux"]?["resources"]?["memory"] == ["limit": 1_048_576])
        #expect(built.json["linux"]?["resources"]?["hugepageLimits"] == [["pageSize": "2MB", "limit": 0]])
        #expect(built.json["linux"]?["namespaces"]?.arrayValue?.contains(["type": "cgroup"]) == false)
        #expect(built.notes.count == 4, "\(built.notes)")
    }

    @Test func `A limit of huge pages is set, or refused where it would not hold`() throws {
        var build = SpecCase()
        build.config.resources.hugepageLimits = [.init(pageSize: "2MB", limit: 4 << 20)]
        #expect(
            try build.build().json["linux"]?["resources"]?["hugepageLimits"]
                == [["pageSize": "2MB", "limit": 4_194_304]])
        build.config.resources.hugepageLimits = [.init(pageSize: "1GB", limit: 1 << 30)]
        let error = #expect(throws: EngineError.self) { try build.build() }
        #expect(error?.code == .invalid && error?.message.contains("hugepageLimits: this host cannot") == true)
        #expect(error?.message.contains("1GB") == true)
    }

    @Test func `The tmpfs of v1's hierarchies is read-only with them, unless the app needs a place in it`() throws {
        var old = SpecCase()
        func isReadonly(_ old: SpecCase) throws -> Bool {
            let spec = try old.build().json
            // As a path to be made read-only it would be mounted once more, before crun has made the hierarchies read-only.
            #expect(spec["linux"]?["readonlyPaths"]?.arrayValue?.contains("/sys/fs/cgroup") == false)
            #expect(spec.options("/sys/fs/cgroup").contains(old.config.privileged ? "rw" : "ro"))
            return spec.options("/sys/fs/cgroup").contains("rro")
        }
        #expect(try !isReadonly(old))
        old.facts.cgroupV2 = false
        #expect(try isReadonly(old))
        old.facts.kernelMajor = 5
        old.facts.kernelMinor = 11
        #expect(try !isReadonly(old))
        old.facts.kernelMinor = 12
        old.host.directory("/data")
        old.config.mounts = [AppMount(containerPath: "/sys/fs/cgroup/other", hostPath: "/data")]
        #expect(try !isReadonly(old))
        old.config.mounts = []
        old.config.privileged = true
        #expect(try !isReadonly(old))
    }

    @Test func `The host's /sys in a user namespace is read-only with all that is mounted in it`() throws {
        var mapped = SpecCase()
        mapped.namespaces.network = nil
        mapped.namespaces.user = "/ns/user"
        #expect(try mapped.build().json.options("/sys").suffix(3) == ["rbind", "ro", "rro"])
    }

    @Test func `Resources that are zero are not set; others are`() throws {
        var limits = SpecCase()
        #expect(try limits.build().json["linux"]?["resources"]?.objectValue?.keys.sorted() == ["devices"])
        limits.config.resources.cpuQuota = -1
        limits.config.resources.cpuPeriod = 50_000
        limits.config.resources.cpuShares = 1
        limits.config.resources.cpusetCpus = "0-1"
        limits.config.resources.memoryLimit = 64
        limits.config.resources.memorySwapLimit = -1
        limits.config.resources.unified = ["memory.high": "1"]
        let resources = try limits.build().json["linux"]?["resources"]
        #expect(resources?["cpu"] == ["quota": -1, "period": 50000, "shares": 2, "cpus": "0-1"])
        #expect(resources?["memory"] == ["limit": 64, "swap": -1])
        #expect(resources?["unified"] == ["memory.high": "1"])
        limits.facts.cgroupV2 = false
        #expect(throws: EngineError.self) { try limits.build() }
    }

    @Test func `AppArmor by name needs a kernel that has it; the default does not`() throws {
        var armor = SpecCase()
        armor.facts.appArmor = false
        _ = try armor.build()
        armor.config.apparmor.type = .localhost
        armor.config.apparmor.profile = "mine"
        let error = try #require(throws: EngineError.self) { try armor.build() }
        #expect(error.message.contains("AppArmor"))
        armor.facts.appArmor = true
        #expect(try armor.build().json["process"]?["apparmorProfile"] == "mine")
        armor.facts.appArmorProfiles = ["mine"]
        #expect(try armor.build().json["process"]?["apparmorProfile"] == "mine")
        armor.facts.appArmorProfiles = ["theirs"]
        let unknown = try #require(throws: EngineError.self) { try armor.build() }
        #expect(unknown.code == .invalid && unknown.message.contains("mine"))
    }

    @Test func `Namespaces: the host's are not named, joined ones by path`() throws {
        var spaces = SpecCase()
        let mappings = [IDMapping(hostID: 100_000, containerID: 0, length: 65536)]
        spaces.namespaces = SpecNamespaces(
            network: nil, ipc: nil, uts: nil, user: "/ns/user",
            userMappings: UserNamespace(uids: mappings, gids: mappings), pid: .path("/proc/9/ns/pid"))
        let linux = try spaces.build().json["linux"]
        #expect(
            linux?["namespaces"] == [
                ["type": "mount"], ["type": "cgroup"], ["type": "user", "path": "/ns/user"],
                ["type": "pid", "path": "/proc/9/ns/pid"],
            ])
        #expect(linux?["uidMappings"] == [["containerID": 0, "hostID": 100_000, "size": 65536]])
        #expect(try spaces.build().json.mount("/sys")?["type"] == "bind")
        spaces.namespaces.pid = .host
        #expect(try spaces.build().json["linux"]?["namespaces"]?.arrayValue?.count == 3)
    }

    @Test func `Every limit is named once, and none is left to what the supervisor has`() throws {
        let limits = ResourceLimits.json(.full).arrayValue ?? []
        #expect(limits.count == 16 && Set(limits.compactMap { $0["type"]?.stringValue }).count == 16)
        #expect(limits.contains(["type": "RLIMIT_CORE", "soft": .unsigned(.max), "hard": .unsigned(.max)]))
        let text =
            "Limit                     Soft Limit           Hard Limit           Units     \nMax open files            20000                30000                files     \nMax file size             unlimited            unlimited            bytes     \n"
        #expect(HostFacts.hardLimits(text) == ["RLIMIT_NOFILE": 30000])
    }

    @Test func `An exec keeps everything but command and terminal`() throws {
        var app = SpecCase()
        app.config.user.uid = 1000
        app.config.env = [.init(name: "A", value: "1")]
        let spec = try app.build().json
        let process = try RuntimeSpec.execProcess(
            of: spec["process"] ?? .null, argv: ["id"], tty: true, environment: [.init(name: "A", value: "2")])
        #expect(process["args"] == ["id"] && process["terminal"] == true)
        #expect(process["user"] == spec["process"]?["user"])
        #expect(process["capabilities"] == spec["process"]?["capabilities"])
        let variables = process["env"]?.arrayValue ?? []
        #expect(variables.contains("A=2") && !variables.contains("A=1") && variables.contains("TERM=xterm"))
        #expect(throws: EngineError.self) {
            try RuntimeSpec.execProcess(of: spec["process"] ?? .null, argv: [], tty: false)
        }
    }

    @Test func `An image configuration may hold nulls; wrong types are refused`() throws {
        let config = try ImageConfig(json: [
            "Cmd": .null, "Entrypoint": ["a"], "Labels": ["x": "y"], "Volumes": ["/v": [:]],
        ])
        #expect(config.entrypoint == ["a"] && config.cmd.isEmpty && config.volumes == ["/v"])
        #expect(throws: EngineError.self) { try ImageConfig(json: ["Cmd": "sh"]) }
    }
}
