import Domain
import DomainFakes
import JSON
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct ContainerEndpointTests {
    @Test func `a container's way from POST to DELETE`() async throws {
        try await GatewayHarness.run { gateway in
            let pod = try await gateway.pod()
            let config =
                #"{"metadata":{"name":"main"},"image":{"image":"busybox"},"log_path":"main/0.log","envs":[{"key":"A","value":"hi"}],"stopSignal":"SIGNAL_SIGRTMINPLUS3"}"#
            let made = try await gateway.ask(.post, "/v1/pods/\(pod)/containers", config)
            #expect(made.status == 201, "\(made.text)")
            let id = try #require(made.json["containerId"]?.stringValue)
            #expect(
                gateway.useCases.listContainers().first?.config.environment == [
                    EnvironmentVariable(name: "A", value: "hi")
                ])
            #expect(gateway.useCases.listContainers().first?.config.stopSignal?.jsonName == "SIGNAL_SIGRTMINPLUS3")
            #expect(try await gateway.ask(.post, "/v1/containers/\(id)/start").text == "{}")
            #expect(try await gateway.ask(.post, "/v1/containers/\(id)/start").status == 409)
            let exec = try await gateway.ask(.post, "/v1/containers/\(id)/exec", #"{"cmd":["echo","hi"]}"#)
            #expect(
                exec.json == ["stdout": .string(JSONBytes.encode(Array("echo hi".utf8))), "stderr": "", "exitCode": 0])
            #expect(try await gateway.ask(.post, "/v1/containers/\(id)/stop?timeout=0").status == 200)
            let status = try await gateway.ask(.get, "/v1/containers/\(id)").json["status"]
            #expect(status?["state"] == "CONTAINER_EXITED")
            #expect(status?["exitCode"] == 137)
            #expect(try await gateway.ask(.delete, "/v1/containers/\(id.prefix(60))").status == 200)
            #expect(gateway.useCases.listContainers().isEmpty)
        }
    }

    @Test func `a session is granted with a ticket, and not without its streams`() async throws {
        try await GatewayHarness.run { gateway in
            let pod = try await gateway.pod()
            let id = try await gateway.container(in: pod)
            let exec = "/v1/containers/\(id)/sessions/exec"
            let one = try await gateway.ask(.post, exec, #"{"cmd":["sh"],"stdin":true,"stdout":true,"tty":true}"#)
            #expect(one.status == 201, "\(one.text)")
            #expect(one.json["ticket"]?.stringValue?.wholeMatch(of: /ticket\.rktlet\.[0-9a-f]{32}/) != nil)
            #expect(try await gateway.ask(.post, exec, #"{"cmd":["sh"]}"#).status == 400)
            let both = #"{"cmd":["sh"],"stdout":true,"stderr":true,"tty":true}"#
            #expect(try await gateway.ask(.post, exec, both).detail.contains("one output"))
            let attach = "/v1/containers/\(id)/sessions/attach"
            #expect(try await gateway.ask(.post, attach, #"{"stdout":true}"#).status == 201)
            #expect(try await gateway.ask(.post, attach, #"{"stdout":"yes"}"#).status == 400)
            let ports = "/v1/pods/\(pod)/sessions/portforward"
            #expect(try await gateway.ask(.post, ports, #"{"port":[80,"81"]}"#).status == 201)
            for bad in [#"{"port":[0]}"#, #"{"port":[65536]}"#, #"{"port":[]}"#, #"{"port":[-1]}"#, "{}"] {
                #expect(try await gateway.ask(.post, ports, bad).status == 400, "\(bad)")
            }
            let plain = try await gateway.ask(.get, "/v1/sessions")
            #expect(plain.status == 426 && plain.headers[.upgrade] == "websocket")
        }
    }

    @Test(
        arguments: [
            ("stop", #"{"timeout":"30"}"#, 200), ("stop", #"{"timeout":1.0}"#, 200), ("stop", #"{"timeout":-1}"#, 400),
            ("stop", #"{"timeout":"soon"}"#, 400), ("stop", #"{"grace":1}"#, 400), ("exec", "{}", 400),
            ("exec", #"{"cmd":[""]}"#, 400), ("exec", #"{"cmd":"ls"}"#, 400),
            ("exec", #"{"cmd":["ls"],"containerId":"x"}"#, 400),
            ("exec", #"{"cmd":["hang"],"timeout":1}"#, 504), ("exec", "", 400),
        ])
    func `stop and exec take what the CRI's messages hold`(verb: String, body: String, status: Int) async throws {
        try await GatewayHarness.run { gateway in
            let id = try await gateway.container(in: try await gateway.pod())
            let answer = try await gateway.ask(.post, "/v1/containers/\(id)/\(verb)", body)
            #expect(answer.status == status, "\(answer.text)")
        }
    }

    @Test func `lists are filtered by pod, state, name and the pod's namespace`() async throws {
        try await GatewayHarness.run { gateway in
            let (web, db) = (try await gateway.pod("web"), try await gateway.pod("db"))
            _ = try await gateway.container("a", in: web)
            _ = try await gateway.useCases.createContainer(.fake("b"), in: db)
            func names(_ query: String) async throws -> [String] {
                let items = try await gateway.ask(.get, "/v1/containers" + query).json["containers"]?.arrayValue ?? []
                return items.compactMap { ($0["metadata"] ?? $0["status"]?["metadata"])?["name"]?.stringValue }.sorted()
            }
            #expect(try await names("") == ["a", "b"])
            #expect(try await names("?podSandboxId=\(web.rawValue)") == ["a"])
            #expect(try await names("?state=created") == ["b"])
            #expect(try await names("?name=a&namespace=default&verbose") == ["a"])
            #expect(try await names("?namespace=other") == [])
            #expect(try await names("?labelSelector=container=b") == ["b"])
        }
    }

    @Test func `the list of all shows every change at once`() async throws {
        try await GatewayHarness.run { gateway in
            func seen(_ path: String, _ list: String) async throws -> [String] {
                try await gateway.ask(.get, path).json[list]?.arrayValue?.compactMap { $0["state"]?.stringValue } ?? []
            }
            #expect(try await seen("/v1/containers", "containers") == [])
            let pod = try await gateway.pod()
            #expect(try await seen("/v1/pods", "items") == ["SANDBOX_READY"])
            let id = try await gateway.container(in: pod)
            #expect(try await seen("/v1/containers", "containers") == ["CONTAINER_RUNNING"])
            try await gateway.useCases.stopContainer(id, grace: .zero)
            #expect(try await seen("/v1/containers", "containers") == ["CONTAINER_EXITED"])
            try await gateway.useCases.stopPodSandbox(pod)
            #expect(try await seen("/v1/pods", "items") == ["SANDBOX_NOTREADY"])
            try await gateway.useCases.removePodSandbox(pod)
            #expect(try await seen("/v1/containers", "containers") == [])
            #expect(try await seen("/v1/pods", "items") == [])
        }
    }

    @Test func `a long list comes in pieces that make one document`() throws {
        for count in [0, 1, 5000] {
            var pieces = JSONListPieces("numbers", Array(0..<count)) { $1.string(String($0) + " of a list of numbers") }
            var bytes: [UInt8] = []
            while let piece = pieces.next() {
                #expect(piece.readableBytes < 65 * 1024)
                bytes += piece.readableBytesView
            }
            #expect(try JSON(parsing: bytes)["numbers"]?.arrayValue?.count == count)
        }
    }

    @Test func `a log is text, and tail, stream and timestamps are heeded`() async throws {
        try await GatewayHarness.run { gateway in
            let id = try await gateway.container(in: try await gateway.pod())
            let path = try gateway.useCases.containerStatus(id).logPath
            func line(_ text: String, _ stream: LogStreamName, partial: Bool = false) -> LogLine {
                LogLine(at: .never, time: "T", stream: stream, isPartial: partial, content: Array(text.utf8))
            }
            gateway.node.logs.write(
                [line("one", .stdout), line("tw", .stderr, partial: true), line("o", .stderr)], to: path)
            #expect(try await gateway.ask(.get, "/v1/containers/\(id)/logs").text == "one\ntwo\n")
            #expect(try await gateway.ask(.get, "/v1/containers/\(id)/logs?tail=1&timestamps=true").text == "T o\n")
            #expect(try await gateway.ask(.get, "/v1/containers/\(id)/logs?timestamps=true").text == "T one\nT two\n")
            #expect(try await gateway.ask(.get, "/v1/containers/\(id)/logs?stream=stdout").text == "one\n")
            for (since, said) in [
                ("yesterday", "neither a time"), ("h", "neither a time"), ("1x", "neither a time"),
                ("1111112h", "at most 6 digits"), ("99999999999999999999s", "at most 9 digits"),
            ] {
                let answer = try await gateway.ask(.get, "/v1/containers/\(id)/logs?since=\(since)")
                #expect(answer.status == 400 && answer.detail.contains(said), "\(since): \(answer.detail)")
            }
            for since in ["yesterday", "", "1000000000", "10000000m", "1000000h", "-1", "2026-02-30T00:00:00Z"] {
                #expect(
                    try await gateway.ask(.get, "/v1/containers/\(id)/logs?since=\(since)").status == 400, "\(since)")
            }
            for since in ["999999999", "9999999m", "999999h", "2026-02-28t00:00:60.5%2b01:00"] {
                #expect(
                    try await gateway.ask(.get, "/v1/containers/\(id)/logs?since=\(since)").status == 200, "\(since)")
            }
            #expect(try await gateway.ask(.get, "/v1/containers/\(id)/logs?lines=1").status == 400)
        }
    }

    @Test(
        "an image of a mount that is none is refused, not passed over",
        arguments: [#"5"#, #""x""#, #"{"image": 5}"#, #"{"bogus": 1}"#])
    func mountedImage(image: String) async throws {
        try await GatewayHarness.run { gateway in
            let pod = try await gateway.pod()
            let config =
                #"{"metadata":{"name":"c"},"image":{"image":"busybox"},"mounts":[{"containerPath":"/x","hostPath":"/tmp","image":\#(image)}]}"#
            let answer = try await gateway.ask(.post, "/v1/pods/\(pod)/containers", config)
            #expect(answer.status == 400 && answer.detail.contains("mounts[0].image"), "\(answer.text)")
        }
    }

    @Test func `following a log ends with its container`() async throws {
        try await GatewayHarness.run { gateway in
            let id = try await gateway.container(in: try await gateway.pod())
            async let log = gateway.ask(.get, "/v1/containers/\(id)/logs?follow")
            try await gateway.useCases.stopContainer(id, grace: .zero)
            #expect(try await log.status == 200)
        }
    }

    @Test func `the history of stats has a point for each reading, and rates between them`() async throws {
        try await GatewayHarness.run { gateway in
            let pod = try await gateway.pod()
            let id = try await gateway.container(in: pod)
            let cgroup = try gateway.useCases.containerStatus(id).cgroup
            #expect(try await gateway.ask(.get, "/v1/stats/history").json == ["series": []])
            for (seconds, cpu) in [(10, 0), (20, 5), (30, 6)] {
                var usage = CgroupUsage(
                    at: Timestamp(nanoseconds: Int64(seconds) * 1_000_000_000), cpu: UInt64(cpu) * 1_000_000_000)
                usage.memory = MemoryUsage(
                    usage: 9, workingSet: UInt64(seconds), rss: 1, pageFaults: 0, majorPageFaults: 0, limit: nil)
                gateway.node.usage.set(usage, for: cgroup)
                await gateway.useCases.usageHistory.readAll()
            }
            let one: JSON = [
                "id": .string(id.rawValue),
                "points": [
                    ["timestamp": "10000000000", "workingSetBytes": "10"],
                    ["timestamp": "20000000000", "usageNanoCores": "500000000", "workingSetBytes": "20"],
                    ["timestamp": "30000000000", "usageNanoCores": "100000000", "workingSetBytes": "30"],
                ],
            ]
            let wanted: JSON = ["series": [one]]
            #expect(
                try await gateway.ask(.get, "/v1/stats/history?podSandboxId=\(pod.rawValue.prefix(8))").json == wanted)
            #expect(try await gateway.ask(.get, "/v1/stats/history?labelSelector=no=such").json == ["series": []])
            #expect(try await gateway.ask(.get, "/v1/stats/history?since=1").status == 400)
            for _ in 0..<100 { await gateway.useCases.usageHistory.readAll() }
            let points = try await gateway.ask(.get, "/v1/stats/history").json["series"]?[0]?["points"]?.arrayValue
            #expect(points?.count == UsageHistory.mostPoints)
            try await gateway.useCases.stopContainer(id, grace: .zero)
            await gateway.useCases.usageHistory.readAll()
            #expect(try await gateway.ask(.get, "/v1/stats/history").json == ["series": []])
        }
    }

    @Test func `stats are the cgroup's, and a rate comes with the second reading`() async throws {
        try await GatewayHarness.run { gateway in
            let id = try await gateway.container(in: try await gateway.pod())
            let cgroup = try gateway.useCases.containerStatus(id).cgroup
            func read(at seconds: Int64, cpu: UInt64) async throws -> JSON? {
                gateway.node.usage.set(
                    CgroupUsage(at: Timestamp(nanoseconds: seconds * 1_000_000_000), cpu: cpu), for: cgroup)
                return try await gateway.ask(.get, "/v1/containers/\(id)/stats").json["stats"]?["cpu"]
            }
            try #require(!cgroup.isEmpty)
            #expect(try await read(at: 10, cpu: 1_000)?["usageNanoCores"] == nil)
            #expect(try await read(at: 12, cpu: 4_000)?["usageNanoCores"] == ["value": "1500"])
            #expect(try await gateway.ask(.get, "/v1/stats").json["stats"]?.arrayValue?.count == 1)
        }
    }
    @Test func `a pod's stats are its own, its network's and those of its containers`() async throws {
        try await GatewayHarness.run { gateway in
            let pod = try await gateway.pod()
            let id = try await gateway.container(in: pod)
            #expect(try await gateway.ask(.get, "/v1/pods/\(String(repeating: "0", count: 64))/stats").status == 404)
            #expect(try await gateway.ask(.get, "/v1/pods/\(pod.rawValue)/stats?full=1").status == 400)
            let place = try gateway.useCases.podSandboxStatus(pod)
            let containerCgroup = try gateway.useCases.containerStatus(id).cgroup
            for (cgroup, cpu) in [(place.pod.cgroup, 7), (containerCgroup, 5)] {
                var usage = CgroupUsage(at: Timestamp(nanoseconds: 9_000_000_000), cpu: UInt64(cpu))
                usage.tasks = UInt64(cpu) * 100
                gateway.node.usage.set(usage, for: cgroup)
            }
            gateway.node.usage.set(
                NetworkUsage(
                    at: Timestamp(nanoseconds: 8),
                    main: InterfaceUsage(
                        name: "eth0", received: .init(bytes: 1, errors: 2), sent: .init(bytes: 3, errors: 4)),
                    others: [InterfaceUsage(name: "net1", received: .init(bytes: 5), sent: .init(bytes: 6))]),
                for: place.pod.networkNamespace)
            let answer = try await gateway.ask(.get, "/v1/pods/\(pod.rawValue.prefix(8))/stats")
            let stats = try #require(answer.json["stats"])
            #expect(stats["attributes"]?["id"] == .string(pod.rawValue))
            #expect(stats["attributes"]?["metadata"]?["namespace"] != nil)
            let linux = try #require(stats["linux"])
            #expect(linux["cpu"] == ["timestamp": "9000000000", "usageCoreNanoSeconds": ["value": "7"]])
            #expect(linux["process"] == ["timestamp": "9000000000", "processCount": ["value": "700"]])
            func interface(_ name: String, _ numbers: [Int]) -> JSON {
                let keys = ["rxBytes", "rxErrors", "txBytes", "txErrors"]
                let values = zip(keys, numbers).map { ($0, JSON.object(["value": .string("\($1)")])) }
                return .object(
                    ["name": .string(name)].merging(values.map { $0 }, uniquingKeysWith: { first, _ in first }))
            }
            let network: JSON = [
                "timestamp": "8", "defaultInterface": interface("eth0", [1, 2, 3, 4]),
                "interfaces": [interface("net1", [5, 0, 6, 0])],
            ]
            #expect(linux["network"] == network)
            #expect(linux["containers"]?.arrayValue?.count == 1)
            #expect(linux["containers"]?[0]?["attributes"]?["id"] == .string(id.rawValue))
            #expect(linux["containers"]?[0]?["cpu"]?["usageCoreNanoSeconds"] == ["value": "5"])
            try await gateway.useCases.stopPodSandbox(pod)
            #expect(try await gateway.ask(.get, "/v1/pods/\(pod.rawValue)/stats").status == 409)
        }
    }
}
