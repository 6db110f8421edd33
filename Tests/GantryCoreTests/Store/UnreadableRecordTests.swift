import Glibc
import JSON
import Testing

@testable import GantryCore

/// Records that cannot be read, or could not be written.
@Suite(.timeLimit(.minutes(10)))
struct UnreadableRecordTests {
    let scratch = Scratch()
    var store: PodStore { scratch.store }

    @Test(arguments: ["", "{", "{}", #"{"format":1}"#])
    func `A pod whose record cannot be read is shown from its configuration`(_ content: String) throws {
        let uuid = PodUUID.random()
        var pod: PodDirectory? = try store.prepare(uuid)
        var config = PodConfig()
        (config.uuid, config.unit, config.annotations) = (uuid, "u.service", ["owner": "me"])
        try pod?.writeConfig(config)
        try pod.map(store.publish)
        try Files.write("\(store.path(.run))/\(uuid)/state.json", content, creating: 0o600)
        let alive = try store.record(uuid)
        #expect(alive.state == .preparing && alive.annotations == ["owner": "me"] && alive.unit == "u.service")
        pod = nil
        try scratch.awaitDeath(of: uuid)
        let dead = try store.record(uuid)
        #expect(
            dead.state == .exited && dead.annotations == ["owner": "me"] && !dead.error.isEmpty
                && !dead.errorCode.isEmpty)
        #expect(try store.list() == [dead])
        let boot = try store.bootID()
        let rebuilt = try store.open(uuid).readOrRebuildRecord(boot: boot)
        #expect(rebuilt.state == .preparing && rebuilt.bootID != boot && rebuilt.unit == "u.service")
    }

    @Test func `A record of a newer engine is not made anew`() throws {
        let pod = try scratch.pod()
        try Files.write("\(pod.path)/state.json", #"{"format":99}"#, creating: 0o600)
        let error = try #require(throws: EngineError.self) { try pod.readOrRebuildRecord(boot: store.bootID()) }
        #expect(error.code == .unsupported)
    }

    @Test func `An app whose record cannot be read is unknown and keeps its annotations`() throws {
        let pod = try scratch.pod()
        let name = try AppName("a")
        var config = AppConfig()
        config.annotations = ["x": "y"]
        try pod.createApp(name)
        try pod.writeAppManifest(
            AppManifest(
                name: name, image: .init(id: "sha256:1", name: "i", config: [:], layers: ["/l"]), config: config))
        try Files.write("\(pod.appPath(name))/state.json", "", creating: 0o600)
        let app = try #require(try store.record(pod.uuid).apps.first)
        #expect(
            app.state == .unknown && app.annotations == ["x": "y"] && app.imageID == "sha256:1" && !app.message.isEmpty)
        #expect(try AppRecord(json: app.json) == app)
    }

    @Test func `An exit that is kept in memory counts until it is written`() throws {
        let pod = try scratch.pod()
        var app = AppRecord(name: try AppName("a"), createdAt: 1)
        try pod.createApp(app.name)
        try pod.writeApp(app)
        #expect(try pod.readApps() == [app])
        try app.exit(at: 5, code: 7, reason: "Error")
        try pod.keptRecords.keep(app)
        #expect(try pod.readApps() == [app] && store.record(pod.uuid).apps == [app])
        #expect(try pod.storedApps().map(\.state) == [.created])
        pod.keptRecords.forget(app.name)
        #expect(try pod.readApps().map(\.state) == [.created])
    }

    @Test func `A start that is kept in memory counts until the exit is written`() throws {
        let pod = try scratch.pod()
        var app = AppRecord(name: try AppName("a"), createdAt: 1)
        try pod.createApp(app.name)
        try pod.writeApp(app)
        try app.start(at: 5, pid: 7)
        try pod.keptRecords.keep(app)
        #expect(try pod.readApps() == [app])
        try LostExits(pod: pod, isThisBoot: true).record(
            events: try PodEventLog(pod.uuid, runDir: store.runDir))
        let lost = try #require(try pod.storedApps().first)
        #expect(lost.state == .exited && lost.startedAt == 5 && lost.exitCode == 137)
        #expect(try pod.readApps() == [lost])
    }

    @Test func `A pod that was never ready, or was given up, is half-made; one that cannot be read is not`() throws {
        let pod = try scratch.pod()
        let boot = try store.bootID()
        var record = PodRecord(uuid: pod.uuid, createdAt: 1, bootID: boot)
        func isHalfMade() throws -> Bool { try store.record(pod.uuid).json["half_made"]?.boolValue ?? false }
        try pod.writeRecord(record)
        #expect(try isHalfMade())
        try record.advance(to: .exited)
        try pod.writeRecord(record)
        #expect(try isHalfMade())
        try Files.write("\(pod.path)/state.json", "", creating: 0o600)
        #expect(try !isHalfMade())
        record.startedAt = 2
        try pod.writeRecord(record)
        #expect(try !isHalfMade())
        try pod.markAbandoned()
        try pod.markAbandoned()
        #expect(try isHalfMade())
        let other = try scratch.pod()
        try other.writeRecord(PodRecord(uuid: other.uuid, createdAt: 1, bootID: boot))
        let app = AppRecord(name: try AppName("a"), createdAt: 1)
        try other.createApp(app.name)
        try other.writeApp(app)
        #expect(try store.record(other.uuid).json["half_made"] == nil, "what has apps was ready once")
    }
}
