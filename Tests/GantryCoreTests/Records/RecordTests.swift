import JSON
import Testing

@testable import GantryCore

@Suite(.timeLimit(.minutes(10)))
struct RecordTests {
    let name: AppName
    init() throws { name = try AppName("web") }

    @Test func `An app moves from created over running to exited, and its exit is written once`() throws {
        var app = AppRecord(name: name, createdAt: 1)
        try app.start(at: 2, pid: 40)
        #expect(app.state == .running && app.pid == 40)
        try app.exit(at: 3, code: 137, reason: "OOMKilled")
        #expect(app.state == .exited && app.pid == nil && app.exitCode == 137)
        let recorded = app
        #expect(throws: EngineError.self) { try app.exit(at: 4, code: 0, reason: "Completed") }
        #expect(throws: EngineError.self) { try app.start(at: 5, pid: 41) }
        #expect(app == recorded)
    }

    @Test func `A running app cannot be started again`() throws {
        var app = AppRecord(name: name, createdAt: 1)
        try app.start(at: 2, pid: 40)
        let error = try #require(throws: EngineError.self) { try app.start(at: 3, pid: 41) }
        #expect(error.code == .precondition)
    }

    @Test func `Without a supervisor an app is unknown, unless its exit is known`() throws {
        var app = AppRecord(name: name, createdAt: 1)
        try app.start(at: 2, pid: 40)
        #expect(app.withoutSupervisor().state == .unknown)
        var unknown = app.withoutSupervisor()
        try unknown.exit(at: 3, code: 137, reason: "Error")
        #expect(unknown.withoutSupervisor().exitCode == 137)
    }

    @Test func `An app record reads what it wrote, in every state`() throws {
        var app = AppRecord(name: name, createdAt: 1)
        app.imageID = "sha256:ab"
        app.imageName = "busybox"
        app.writableLayer = "/var/lib/x/upper"
        app.annotations = ["a": "b\n"]
        app.stopSignal = try Signal(parsing: "SIGINT")
        app.user = .init(uid: 5, gid: 6, supplementalGroups: [7])
        #expect(try AppRecord(json: app.json) == app)
        #expect(app.json["exit_code"] == nil && app.json["started_at"] == nil)
        try app.start(at: 2, pid: 40)
        #expect(try AppRecord(json: app.json) == app)
        try app.exit(at: 3, code: 0, reason: "Completed")
        #expect(try AppRecord(json: app.json) == app)
        #expect(app.json["exit_code"] == 0)
    }

    @Test func `An exited app record without exit code is refused: exit 0 is not invented`() {
        #expect(throws: EngineError.self) {
            try AppRecord(json: ["name": "web", "state": "exited", "created_at": 1])
        }
    }

    @Test func `A pod moves one way`() throws {
        var pod = PodRecord(uuid: .random(), createdAt: 1, bootID: "b")
        try pod.advance(to: .running)
        try pod.advance(to: .running)
        try pod.advance(to: .exited)
        #expect(throws: EngineError.self) { try pod.advance(to: .running) }
        #expect(pod.state == .exited)
    }

    @Test func `A pod record prints seconds and nanoseconds and reads what it stored`() throws {
        var pod = PodRecord(uuid: .random(), createdAt: 5_500_000_000, bootID: "b")
        pod.networks = [.init(netName: "n", ifName: "eth0", ips: ["10.88.0.5", "fd00::5"], mask: "255.255.0.0")]
        pod.network.mode = .cni
        pod.network.state = .attached
        pod.cgroupPaths = ["/sys/fs/cgroup/memory": ["/a/b"]]
        pod.pid = 12
        #expect(try PodRecord(json: pod.storedJSON) == pod)
        #expect(pod.json["created_at"] == 5)
        #expect(pod.json["created_at_ns"] == 5_500_000_000)
        #expect(pod.json["ips"] == ["10.88.0.5", "fd00::5"])
        #expect(pod.json["cgroup_paths"] == nil)
        #expect(pod.json["network"]?["state"] == "attached")
    }

    @Test(arguments: [
        ("SIGTERM", 15), ("term", 15), ("9", 9), ("SIGRTMIN", 34), ("RTMIN+3", 37), ("SIGRTMAX-1", 63),
        ("SIGRTMAX", 64),
    ])
    func `A signal is known by name, number and real-time offset`(text: String, number: Int32) throws {
        let signal = try Signal(parsing: text)
        #expect(signal.number == number)
        #expect(try Signal(parsing: signal.name) == signal)
    }

    @Test(arguments: ["", "SIG", "0", "65", "-1", "SIGRTMIN-1", "SIGRTMAX+1", "RTMIN+99999999999", "SIGRTMIN3"])
    func `What is not a signal is refused`(text: String) {
        #expect(throws: EngineError.self) { try Signal(parsing: text) }
    }

    @Test(arguments: ["", "-a", "a-", "A", "a/b", "..", "a.b", String(repeating: "a", count: 65)])
    func `What is not an app name is refused`(text: String) {
        #expect(throws: EngineError.self) { try AppName(text) }
    }

    @Test func `A random UUID is canonical and of version 4`() {
        for _ in 0..<64 {
            let uuid = PodUUID.random()
            #expect(PodUUID(uuid.string) == uuid)
            #expect(uuid.string.dropFirst(14).first == "4")
            #expect("89ab".contains(uuid.string.dropFirst(19).first ?? " "))
            #expect(uuid.withoutDashes.count == 32)
        }
        #expect(PodUUID("0B5E2A52-3C9C-4D2E-8F83-3C1F2B1D9A01") == nil)
    }
}
