import JSON
import Testing

@testable import GantryCore

@Suite(.timeLimit(.minutes(10)))
struct SecurityTests {
    static func names(_ texts: [String]) throws -> [CapabilityName] {
        try texts.map { try CapabilityName(parsing: $0) }
    }

    @Test(arguments: [
        ([], [], 14, "CAP_CHOWN", "CAP_SYS_ADMIN"),
        (["SYS_ADMIN"], [], 15, "CAP_SYS_ADMIN", "CAP_BPF"),
        ([], ["CHOWN"], 13, "CAP_KILL", "CAP_CHOWN"),
        ([], ["ALL"], 0, "", "CAP_CHOWN"),
        (["NET_ADMIN"], ["ALL"], 1, "CAP_NET_ADMIN", "CAP_CHOWN"),
        (["ALL"], ["cap_sys_admin"], 40, "CAP_BPF", "CAP_SYS_ADMIN"),
        (["ALL"], [], 41, "CAP_CHECKPOINT_RESTORE", ""),
    ])
    func `Capabilities are added and dropped, ALL first`(
        add: [String], drop: [String], count: Int, has: String, lacks: String
    ) throws {
        var caps = SpecCase()
        caps.config.capabilities.add = try Self.names(add)
        caps.config.capabilities.drop = try Self.names(drop)
        let spec = try caps.build().json
        for set in ["bounding", "effective", "permitted"] {
            let names = spec.capabilities(set)
            #expect(names.count == count)
            #expect(has.isEmpty || names.contains(has))
            #expect(!names.contains(lacks))
        }
        #expect(spec.capabilities("inheritable").isEmpty && spec.capabilities("ambient").isEmpty)
    }

    @Test func `Ambient capabilities are in every set`() throws {
        var caps = SpecCase()
        caps.config.capabilities.addAmbient = try Self.names(["NET_ADMIN"])
        let spec = try caps.build().json
        for set in ["bounding", "effective", "permitted", "inheritable", "ambient"] {
            #expect(spec.capabilities(set).contains("CAP_NET_ADMIN"))
        }
    }

    private func profile(_ caps: [String] = [], facts: HostFacts = .full) throws -> SeccompProfile {
        var config = AppConfig.Capabilities()
        config.add = try Self.names(caps)
        return SeccompProfile(
            capabilities: CapabilitySets(config, privileged: false, bounding: facts.boundingCapabilities), facts: facts)
    }

    private func calls(_ profile: JSON, _ action: String) -> Set<String> {
        let rules = profile["syscalls"]?.arrayValue?.filter { $0["action"]?.stringValue == action } ?? []
        return Set(rules.flatMap { $0["names"]?.arrayValue?.compactMap(\.stringValue) ?? [] })
    }

    private let conditional: JSON = [
        "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "defaultErrno": "ENOSYS",
        "archMap": [["architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]]],
        "syscalls": [
            [
                "names": ["always"], "action": "SCMP_ACT_ALLOW", "args": .null, "comment": "", "includes": [:],
                "excludes": [:],
            ],
            ["names": ["mount"], "action": "SCMP_ACT_ALLOW", "includes": ["caps": ["CAP_SYS_ADMIN"]]],
            ["names": ["mount"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1, "excludes": ["caps": ["CAP_SYS_ADMIN"]]],
            ["names": ["arm"], "action": "SCMP_ACT_ALLOW", "includes": ["arches": ["arm64"]]],
            ["names": ["intel"], "action": "SCMP_ACT_ALLOW", "includes": ["arches": ["amd64", "x32"]]],
            ["names": ["new"], "action": "SCMP_ACT_ALLOW", "includes": ["minKernel": "5.10"]],
            ["names": ["newest"], "action": "SCMP_ACT_ALLOW", "includes": ["minKernel": "99.0"]],
            ["name": "single", "action": "SCMP_ACT_ALLOW", "args": [["index": 0, "value": 8, "op": "SCMP_CMP_EQ"]]],
        ],
    ]

    @Test func `Conditional profiles keep the rules that hold here`() throws {
        let plain = try profile().convert(conditional, path: "p")
        #expect(calls(plain, "SCMP_ACT_ALLOW") == ["always", "intel", "new", "single"])
        #expect(calls(plain, "SCMP_ACT_ERRNO") == ["mount"])
        #expect(plain["architectures"] == ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"])
        #expect(plain["defaultErrnoRet"] == 38 && plain["archMap"] == nil && plain["defaultErrno"] == nil)
        let admin = try profile(["SYS_ADMIN"]).convert(conditional, path: "p")
        #expect(calls(admin, "SCMP_ACT_ALLOW").contains("mount") && calls(admin, "SCMP_ACT_ERRNO").isEmpty)
    }

    @Test func `A profile in the runtime's own form passes`() throws {
        let own: JSON = [
            "defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
            "flags": ["SECCOMP_FILTER_FLAG_LOG"],
            "syscalls": [["names": ["chmod"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1]],
        ]
        #expect(try profile().convert(own, path: "p") == own)
    }

    @Test(arguments: [
        "{}", #"{"defaultAction":1}"#, #"{"defaultAction":"x","syscalls":[{"names":[],"action":"a"}]}"#, "[]",
    ])
    func `A profile that is none is refused, naming the file`(text: String) throws {
        var bad = SpecCase()
        bad.config.seccomp.type = .localhost
        bad.config.seccomp.path = "/p.json"
        bad.host.files["/p.json"] = text
        let error = try #require(throws: EngineError.self) { try bad.build() }
        #expect(error.code == .invalid && error.message.contains("/p.json"))
    }

    @Test func `A profile file that is not there is refused`() throws {
        var missing = SpecCase()
        missing.config.seccomp.type = .localhost
        missing.config.seccomp.path = "/none.json"
        #expect(try #require(throws: EngineError.self) { try missing.build() }.message.contains("/none.json"))
    }

    @Test func `Without the distribution's profile the built-in one applies, governed by capabilities`() throws {
        var builtIn = SpecCase()
        let seccomp = try #require(try builtIn.build().json["linux"]?["seccomp"])
        #expect(
            calls(seccomp, "SCMP_ACT_ERRNO").isSuperset(of: [
                "mount", "kexec_load", "clone3", "clone", "keyctl", "reboot",
            ]))
        #expect(!calls(seccomp, "SCMP_ACT_ERRNO").contains("chroot"))
        builtIn.config.capabilities.add = try Self.names(["SYS_ADMIN"])
        let admin = try #require(try builtIn.build().json["linux"]?["seccomp"])
        #expect(!calls(admin, "SCMP_ACT_ERRNO").contains("mount"))
        #expect(!calls(admin, "SCMP_ACT_ERRNO").contains("clone"))
        #expect(calls(admin, "SCMP_ACT_ERRNO").contains("kexec_load"))
        builtIn.host.files[RuntimeSpec.distributionProfile] = #"{"defaultAction":"SCMP_ACT_LOG"}"#
        #expect(try builtIn.build().json["linux"]?["seccomp"]?["defaultAction"] == "SCMP_ACT_LOG")
    }

    typealias Wanted = (uid: Int64, gid: Int64, groups: [Int64], home: String)

    private func resolve(_ image: String, _ change: (inout AppConfig.User) -> Void = { _ in }) throws -> Wanted {
        var user = SpecCase()
        user.image.user = image
        change(&user.config.user)
        let built = try user.build()
        let home = built.environment.first { $0.name == "HOME" }?.value ?? ""
        return (built.user.uid, built.user.gid, built.user.supplementalGroups, home)
    }

    @Test func `The image's user is a name, an id, or user and group`() throws {
        #expect(try resolve("") == (0, 0, [0], "/root"))
        #expect(try resolve("web") == (1000, 1001, [1001, 29, 44], "/home/web"))
        #expect(try resolve("1000") == (1000, 1001, [1001, 29, 44], "/home/web"))
        #expect(try resolve("web:audio") == (1000, 29, [29, 44], "/home/web"))
        #expect(try resolve("5555") == (5555, 0, [0], "/"))
        #expect(try resolve("5555:6666") == (5555, 6666, [6666], "/"))
        #expect(try resolve("web:") == (1000, 1001, [1001, 29, 44], "/home/web"))
    }

    @Test func `The configuration's user wins; an id is never taken for a name`() throws {
        #expect(try resolve("web") { $0.uid = 0 } == (0, 0, [0], "/root"))
        #expect(try resolve("") { $0.uid = 1000 } == (1000, 1001, [1001, 29, 44], "/home/web"))
        #expect(
            try resolve("") {
                $0.username = "web"; $0.gid = 9
            } == (1000, 9, [9, 29, 44], "/home/web"))
    }

    @Test func `Supplementary groups are merged with the image's, or strictly the configuration's`() throws {
        #expect(try resolve("web") { $0.supplementalGroups = [44, 70] }.groups == [1001, 29, 44, 70])
        let strict = try resolve("web") {
            $0.supplementalGroups = [70, 70]
            $0.groupsPolicy = .strict
        }
        #expect(strict.groups == [1001, 70])
    }

    @Test(arguments: ["nobody", "web:nogroup", "-1", "4294967295", "0x10"])
    func `A user or group that the image does not know is refused`(user: String) throws {
        let error = try #require(throws: EngineError.self) { try resolve(user) }
        #expect(error.code == .invalid)
    }

    @Test func `AppArmor's default asked for by name is refused where the kernel could have it and has not`() throws {
        var named = SpecCase()
        named.config.apparmor.type = .runtimeDefault
        let error = try #require(throws: EngineError.self) { try named.build() }
        #expect(error.code == .precondition)
        for word in ["rktlet-default", "apparmor_parser", "rktlet doctor", "securityfs"] {
            #expect(error.message.contains(word), "\(word) in \(error.message)")
        }
        named.facts.appArmorProfiles = []
        let other = try #require(throws: EngineError.self) { try named.build() }
        #expect(other.message.contains("no profile rktlet-default loaded"))
        named.config.privileged = true
        #expect(try named.build().json["process"]?["apparmorProfile"] == nil)
        named.config.privileged = false
        named.facts.appArmor = false
        #expect(try named.build().json["process"]?["apparmorProfile"] == nil)
    }

    @Test(arguments: [(#"{"version":1}"#, false), (#"{"version":1,"apparmor":{"type":"runtime-default"}}"#, true)])
    func `Whether AppArmor was asked for by name survives being written down`(document: String, isNamed: Bool) throws {
        let config = try AppConfig(json: try JSON(parsing: document))
        #expect((config.apparmor.type == .runtimeDefault) == isNamed)
        #expect(try AppConfig(json: config.json).apparmor == config.apparmor)
    }

    @Test func `AppArmor's default is the profile that is loaded, if any`() throws {
        var confined = SpecCase()
        #expect(try confined.build().json["process"]?["apparmorProfile"] == nil)
        confined.facts.appArmorDefault = "rktlet-default"
        #expect(try confined.build().json["process"]?["apparmorProfile"] == "rktlet-default")
        confined.config.apparmor.type = .unconfined
        #expect(try confined.build().json["process"]?["apparmorProfile"] == nil)
        confined.config.apparmor.type = .runtimeDefault
        confined.config.privileged = true
        #expect(try confined.build().json["process"]?["apparmorProfile"] == nil)
        let loaded = "nvidia_modprobe (enforce)\ncri-containerd.apparmor.d (enforce)\n"
        #expect(HostFacts.defaultProfile(loaded: loaded) == "cri-containerd.apparmor.d")
        #expect(HostFacts.defaultProfile(loaded: loaded + "rktlet-default (enforce)\n") == "rktlet-default")
        #expect(HostFacts.defaultProfile(loaded: "") == nil)
    }
}
