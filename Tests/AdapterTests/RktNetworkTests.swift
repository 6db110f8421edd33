import Domain
import Glibc
import JSON
import Testing

@testable import RktCLI

@Suite("The network of pods on rkt", .timeLimit(.minutes(5)))
struct RktNetworkTests {
    private func settings(_ directory: TemporaryDirectory, _ text: String) throws -> EngineSettings.Changeable {
        directory.makeDirectory("net.d")
        directory.makeDirectory("bin")
        try directory.write("net.d/10-pods.conflist", text)
        for plugin in ["bridge", "host-local", "portmap", "bandwidth"] {
            try directory.write("bin/" + plugin, "", mode: 0o700)
        }
        var settings = EngineSettings.Changeable()
        settings.cniConfigurationDirectory = directory.path + "/net.d"
        settings.cniBinaryDirectories = [directory.path + "/bin"]
        return settings
    }

    @Test("is the daemon's own: its first plugin under the name that rkt looks for, and the programs it needs")
    func translated() throws {
        let directory = try TemporaryDirectory()
        let settings = try settings(
            directory,
            #"{"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge","bridge":"b0","ipam":{"type":"host-local","subnet":"10.1.0.0/24"}},{"type":"portmap"}]}"#
        )
        let network = try RktNetwork(settings)
        try network.write(to: directory.path + "/rkt")
        try network.write(to: directory.path + "/rkt")
        let json = try JSON(parsing: try #require(directory.text("rkt/net.d/10-default.conf")))
        #expect(
            json == [
                "name": "default", "type": "bridge", "bridge": "b0",
                "ipam": ["type": "host-local", "subnet": "10.1.0.0/24"],
            ])
        #expect(Set(directory.names("rkt/net.d")) == ["10-default.conf", "bridge", "host-local"])
        #expect(FilePresence.exists(directory.path + "/rkt/net.d/bridge"))
    }

    @Test("with a plugin that rkt would leave out it is none, and what to write where is said")
    func chained() async throws {
        let directory = try TemporaryDirectory()
        let settings = try settings(
            directory, #"{"name":"pods","plugins":[{"type":"bridge"},{"type":"portmap"},{"type":"bandwidth"}]}"#)
        let error = #expect(throws: DomainError.self) { try RktNetwork(settings) }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("bandwidth") == true)
        #expect(error?.message.contains(directory.path + "/net.d") == true)
        let fake = try FakeEngine.rkt()
        let engine = fake.engine { $0.changeable = { settings } }
        #expect(await engine.networkProblem()?.message == error?.message)
        await #expect(throws: DomainError.self) {
            try await engine.prepare(Samples.podID, config: Samples.plainPod, unit: "u.service")
        }
        #expect(await (try FakeEngine.gantry()).engine { $0.changeable = { settings } }.networkProblem() == nil)
    }
}

@Suite("Whose a data directory is", .timeLimit(.minutes(5)))
struct EngineOwnerTests {
    @Test("the first engine's, and another that is set to it is told so")
    func owner() async throws {
        let fake = try FakeEngine.rkt()
        try fake.answer("list", "null")
        _ = try await fake.engine().inventory()
        #expect(fake.directory.text("data/engine") == "rkt\n")
        try fake.write("data/engine", "rkt\r\n")
        let own = fake.engine()
        _ = try await own.inventory()
        #expect(own.refusal == nil)
        try fake.write("data/engine", "gantry\n")
        let others = fake.engine()
        let error = await #expect(throws: DomainError.self) { try await others.inventory() }
        #expect(error?.code == .failedPrecondition && others.refusal == error)
        #expect(error?.message.contains("dataDir") == true)
        #expect(error?.message.contains("gantry") == true)
    }

    @Test("one that cannot be told is refused, and waits for nobody who would write into it")
    func unreadable() async throws {
        let fake = try FakeEngine.rkt()
        try fake.answer("list", "null")
        fake.directory.makeDirectory("data")
        #expect(mkfifo(fake.directory.path + "/data/engine", 0o600) == 0)
        let engine = fake.engine()
        await #expect(throws: DomainError.self) { try await engine.inventory() }
        #expect(engine.refusal?.message.contains("is no regular file") == true)
        #expect(engine.refusal?.message.contains("remove it") == true)
    }

    @Test("an engine that does not answer is no refusal: it is asked again")
    func silent() async throws {
        let fake = try FakeEngine.rkt()
        try fake.answer("version", code: 1)
        let engine = fake.engine()
        await #expect(throws: DomainError.self) { try await engine.inventory() }
        #expect(engine.refusal == nil)
    }
}
