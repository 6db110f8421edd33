import Domain
import DomainFakes
import TextSamples
import Testing

@Suite(.timeLimit(.minutes(10))) struct HostileTextTests {
    let node = FakeNode()

    @Test("The log path that was seen to escape is refused", arguments: TextSamples.marks)
    func seenLogPath(_ mark: String) async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        for path in [
            "../\(mark)x.log", "a/../\(mark)/../x", "\(mark)/../../\(mark)", "a\(mark)/..", "/\(mark)x", "a/\(mark)\0",
        ] {
            var config = ContainerConfig.fake()
            config.logPath = path
            await expectError(.invalidArgument, naming: "log_path") {
                _ = try await useCases.createContainer(config, in: pod)
            }
        }
        #expect(node.failpoints.count(.engineAddContainer) == 0)
    }

    @Test("A log path is taken only if the kernel would stay in the directory, and as it was sent", arguments: 0..<4)
    func logPaths(seed: UInt64) async throws {
        var samples = TextSamples(seed: seed)
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        for attempt in 0..<60 {
            var config = ContainerConfig.fake()
            config.metadata.attempt = UInt32(attempt)
            let path = samples.text(of: ["..", "a", "x.log"], ["/"])
            config.logPath = path
            guard let id = try? await useCases.createContainer(config, in: pod) else { continue }
            #expect(!ByteModel.climbs(path) && path.utf8.first != 0x2f, "\(path.debugDescription)")
            let taken = try useCases.containerStatus(id).logPath
            #expect(path.isEmpty ? taken.isEmpty : Array(taken.utf8) == Array("/var/log/pods/web/\(path)".utf8))
        }
    }

    @Test("Labels match by their bytes, keys and values")
    func labels() async throws {
        let useCases = node.useCases()
        var config = PodSandboxConfig.fake()
        config.labels = ["caf\u{E9}": "K", "plain": "e\u{301}"]
        let pod = try await useCases.runPodSandbox(config)
        func found(_ labels: [String: String]) -> Bool {
            var filter = PodSandboxFilter()
            filter.labels = labels
            return useCases.listPodSandboxes(filter).map(\.id) == [pod]
        }
        #expect(found(["caf\u{E9}": "K"]) && found(["plain": "e\u{301}"]))
        #expect(!found(["cafe\u{301}": "K"]) && !found(["caf\u{E9}": "\u{212A}"]) && !found(["plain": "é"]))
    }

    @Test("A name with something that is not seen is no signal", arguments: TextSamples.marks)
    func signals(_ mark: String) {
        for text in [
            "SIG\(mark)TERM", "SIGTERM\(mark)", "RTMIN+\(mark)1", "RTMIN++1", "\u{212A}ILL", "1\(mark)", "+15",
        ] {
            #expect(Signal(name: text) == nil, "\(text.debugDescription)")
        }
        #expect(Signal(name: "sigrtmin+3")?.number == 37 && Signal(name: "kill")?.number == 9)
    }
}
