import Domain
import JSON
import Testing

@testable import RktCLI

@Suite("An engine that misbehaves", .timeLimit(.minutes(10)))
struct GantryMisbehaviourTests {
    @Test(
        "rubbish, nothing, and another shape are errors that name the call",
        arguments: ["rubbish{", "", "[1]", "{}", "null"])
    func rubbish(output: String) async throws {
        let fake = try FakeEngine.gantry()
        try fake.answer("app-start", output)
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine().startContainer(Samples.containerID, of: Samples.podID)
        }
        #expect(error?.code == .internal)
        #expect(error?.message.contains(Samples.containerID.rawValue) == true)
    }

    @Test("a failure without a word, and one with plain words, is told with its exit code")
    func plainFailure() async throws {
        let fake = try FakeEngine.gantry()
        try fake.answer("app-start", error: "panic: broken\n", code: 9)
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine().startContainer(Samples.containerID, of: Samples.podID)
        }
        #expect(error?.message.contains("exit code 9: panic: broken") == true)
        try fake.answer("app-start", code: 254)
        let silent = await #expect(throws: DomainError.self) {
            try await fake.engine().startContainer(Samples.containerID, of: Samples.podID)
        }
        #expect(silent?.message.contains("exit code 254") == true)
    }

    @Test("an engine that hangs is killed at the time limit")
    func hangs() async throws {
        let fake = try FakeEngine.gantry()
        try fake.write("app-start.run", "sleep 600")
        let engine = fake.engine { $0.changeTimeout = .milliseconds(300) }
        let error = await #expect(throws: DomainError.self) {
            try await engine.startContainer(Samples.containerID, of: Samples.podID)
        }
        #expect(error?.code == .deadlineExceeded)
        #expect(error?.message.contains("container \(Samples.containerID): app start") == true)
    }

    @Test("an engine that prints without end is an error, not a full memory")
    func hugeOutput() async throws {
        let fake = try FakeEngine.gantry()
        try fake.write("app-exec.run", "head -c 2000000 /dev/zero")
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine().execSync(
                ["x"], in: Samples.containerID, of: Samples.podID, timeout: .seconds(20), outputLimit: 3000)
        }
        #expect(error?.code == .internal)
        #expect(error?.message.contains("more than") == true)
    }

    @Test("a binary that is not there, and one that is no engine, are unavailable; a later try asks again")
    func noEngine() async throws {
        let missing = RktCLIEngine(
            settings: EngineSettings(binary: "/nonexistent/gantry"), logger: .init(label: "test"))
        let error = await #expect(throws: DomainError.self) { try await missing.inventory() }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("/nonexistent/gantry") == true)

        let fake = try FakeEngine()
        try fake.answer("version", "docker Version: 1\n")
        let engine = fake.engine()
        let other = await #expect(throws: DomainError.self) { try await engine.features }
        #expect(other?.code == .unavailable)
        try fake.answer("version", "rkt Version: 1.30.0\n")
        #expect(try await engine.features.name == "rkt")
    }
}
