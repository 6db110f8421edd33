import JSON
import Testing

@testable import GantryCore

@Suite(.timeLimit(.minutes(10)))
struct RktFlagTests {
    @Test(arguments: [
        ("1", 1), ("9007199254740993", 9_007_199_254_740_993), ("9223372036854775807", Int64.max), ("1.5", 1),
        ("8191Pi", nil), ("1Gi", 1 << 30), ("8388607Ti", 8_388_607 << 40), ("8388608Ti", nil), ("1000m", 1),
        ("999m", nil),
        ("0.5", nil), ("0", nil), ("-1", nil), ("1e400", nil), ("9223372036854775808", nil), ("9e18", nil), ("", nil),
        ("18446744073709551617", nil),
    ])
    func `a quantity is exact, or refused: neither cut to nothing nor to the largest`(text: String, bytes: Int64?)
        throws
    {
        var flags = RktAppFlags()
        flags.memory = text
        var config = AppConfig()
        if let bytes {
            try flags.apply(to: &config)
            #expect(config.resources.memoryLimit == bytes)
        } else {
            let error = #expect(throws: EngineError.self) { try flags.apply(to: &config) }
            #expect(error?.code == .invalid && error?.message.hasPrefix("--memory") == true)
        }
    }

    @Test(arguments: [
        ("cpuPeriod", 1_000_001), ("cpuPeriod", -1), ("cpuQuota", 1 << 44), ("cpuQuota", -2), ("cpuShares", 262_145),
        ("cpuShares", -1), ("memoryLimit", -2), ("oomScoreAdj", 1001), ("oomScoreAdj", Int64.min),
    ])
    func `resources stay within what the kernel counts with`(key: String, value: Int64) {
        let error = #expect(throws: EngineError.self) {
            try AppConfig(json: ["version": 1, "resources": .object([key: .integer(value)])])
        }
        #expect(error?.message.hasPrefix("resources.\(key): \(value) is not within") == true)
    }

    @Test(arguments: [
        ("1.5", "fraction"), ("1.0", "fraction"), ("9223372036854775808", "beyond"), ("1e3", "exponent"),
        (#""1""#, "text"),
        ("true", "boolean"), ("18446744073709551616", "beyond 64 bits"), ("1e400", "beyond doubles"),
    ])
    func `a number of a configuration is a whole number that fits`(text: String, what: String) {
        #expect(throws: (any Error).self) {
            try AppConfig(json: JSON(parsing: #"{"version":1,"resources":{"memoryLimit":"# + text + "}}"))
        }
    }

    @Test(
        arguments: [
            ("null", nil), ("0", 0), ("1", 1_000_000), ("9223372036854", 9_223_372_036_854_000_000),
        ] as [(String, Int64?)])
    func `a time of a control request is what it says`(text: String, nanoseconds: Int64?) throws {
        #expect(try request(text).nanoseconds("timeout_ms") == nanoseconds)
        #expect(try request(text).nanoseconds("other") == nil)
    }

    private func request(_ time: String) throws -> ControlRequest {
        let body = try JSON(parsing: #"{"op":"app-stop","timeout_ms":"# + time + "}")
        return ControlRequest(body: body, descriptors: []) { _, _, _ in }
    }

    @Test(arguments: ["-1", "9223372036855", "1.5", #""10""#, "true", "18446744073709551615", "1e3"])
    func `a time of a control request that is none is refused, not taken for none at all`(text: String) {
        #expect(throws: EngineError.self) { try request(text).nanoseconds("timeout_ms") }
    }

    @Test func `rkt's flags of app add come out as configuration`() throws {
        var flags = RktAppFlags()
        flags.environment = ["A=1", "B=x=y"]
        flags.exec = "/bin/sh"
        flags.args = ["-c", "true"]
        flags.workingDir = "/w"
        flags.user = "1000"
        flags.group = "5"
        flags.supplementaryGids = "1,2"
        flags.capsRetain = "CAP_CHOWN,kill"
        flags.seccomp = "mode=retain,@docker/default-whitelist"
        flags.readonlyRootfs = true
        flags.cpu = "500m"
        flags.memory = "64M"
        flags.oomScoreAdj = 7
        flags.mountVolumes = ["name=v,kind=host,source=/srv,target=/data,readOnly=true", "name=e,kind=empty,target=/e"]
        flags.stdin = "interactive"
        flags.stdout = "log"
        flags.userLabels = ["a=b"]
        var config = AppConfig()
        config.env = [.init(name: "A", value: "0")]
        try flags.apply(to: &config)
        #expect(config.env == [.init(name: "A", value: "1"), .init(name: "B", value: "x=y")])
        #expect(config.command == ["/bin/sh"] && config.args == ["-c", "true"] && config.workingDir == "/w")
        #expect(config.user.uid == 1000 && config.user.gid == 5 && config.user.supplementalGroups == [1, 2])
        #expect(
            config.capabilities.drop == [.all] && config.capabilities.add.map(\.string) == ["CAP_CHOWN", "CAP_KILL"])
        #expect(config.resources.cpuQuota == 50_000 && config.resources.memoryLimit == 64_000_000)
        #expect(
            config.mounts.map(\.containerPath) == ["/data", "/e"] && config.mounts[0].readonly && config.mounts[1].empty
        )
        #expect(config.stdin && !config.tty && config.readonlyRootfs && config.userLabels == ["a": "b"])
        #expect(try AppConfig(json: config.json) == config)
    }

    @Test(
        arguments: [
            ("user", "web", "audio", "web:audio", nil), ("name and id", "web", "7", "web", 7),
            ("id and name", "5", "audio", "5:audio", nil),
        ] as [(String, String, String, String, Int64?)])
    func `User and group may be names or ids`(what: String, user: String, group: String, username: String, gid: Int64?)
        throws
    {
        var flags = RktAppFlags()
        (flags.user, flags.group) = (user, group)
        var config = AppConfig()
        try flags.apply(to: &config)
        #expect(config.user.username == username && config.user.gid == gid)
    }

    @Test(arguments: [("1Gi", 1_073_741_824), ("1.5k", 1500), ("100", 100), ("2Ti", 2_199_023_255_552)])
    func `Quantities are those of Kubernetes`(text: String, bytes: Int64) throws {
        var flags = RktAppFlags()
        flags.memory = text
        var config = AppConfig()
        try flags.apply(to: &config)
        #expect(config.resources.memoryLimit == bytes)
    }

    static let bad: [@Sendable (inout RktAppFlags) -> Void] = [
        { $0.environment = ["A"] }, { $0.environment = ["=x"] }, { $0.memory = "1X" }, { $0.memory = "-1" },
        { $0.memory = "" },
        { $0.cpu = "0" }, { $0.group = "5" }, { $0.supplementaryGids = "x" }, { $0.seccomp = "mode=retain,open" },
        { $0.mountVolumes = ["kind=host,target=/x"] }, { $0.mountVolumes = ["kind=bad,target=/x"] },
        { $0.mountVolumes = ["kind=empty,target=/"] }, { $0.stdin = "maybe" }, { $0.capsRetain = "FLY" },
        {
            $0.capsRetain = "KILL"; $0.capsRemove = "KILL"
        }, { $0.oomScoreAdj = 1001 }, { $0.workingDir = "x" },
    ]

    @Test(arguments: bad.indices)
    func `A bad flag is refused, naming it`(index: Int) throws {
        var flags = RktAppFlags()
        Self.bad[index](&flags)
        var config = AppConfig()
        let error = try #require(throws: EngineError.self) { try flags.apply(to: &config) }
        #expect(error.message.hasPrefix("--"))
    }

    @Test func `rkt's flags of app sandbox come out as configuration`() throws {
        var flags = RktPodFlags()
        flags.hostname = "web-0"
        flags.dns = ["10.0.0.10"]
        flags.dnsSearch = ["svc.local"]
        flags.dnsOpt = ["ndots:5"]
        flags.hostsEntries = ["1.2.3.4=a,1.2.3.4=b", "::1=c"]
        flags.net = ["blue:IP=1.2.3.4"]
        flags.ports = ["web-tcp-80:tcp:80:127.0.0.1:8080", "dns:udp:53:5353", "six:tcp:1:[::1]:2"]
        flags.annotations = ["k=v"]
        var config = PodConfig()
        try flags.apply(to: &config)
        #expect(config.hostname == "web-0" && config.dns.servers == ["10.0.0.10"] && config.dns.options == ["ndots:5"])
        #expect(config.hosts == [.init(ip: "1.2.3.4", names: ["a", "b"]), .init(ip: "::1", names: ["c"])])
        #expect(config.network.name == "blue" && config.network.args == ["IP": "1.2.3.4"])
        #expect(
            config.ports.map(\.hostPort) == [8080, 5353, 2] && config.ports.map(\.hostIP) == ["127.0.0.1", "", "::1"])
        #expect(try PodConfig(json: config.json) == config)
        flags = RktPodFlags()
        flags.net = ["host"]
        try flags.apply(to: &config)
        #expect(config.network.mode == .host)
        flags.net = ["a", "b"]
        #expect(try #require(throws: EngineError.self) { try flags.apply(to: &config) }.code == .unsupported)
    }
}
