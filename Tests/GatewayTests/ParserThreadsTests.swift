import Domain
import Glibc
import Synchronization
import Testing
import Waiting

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct ParserThreadsTests {
    /// How many run, and how many did at most.
    private final class Watch: Sendable {
        private let state = Mutex((running: 0, most: 0, isOver: false))

        var most: Int { state.withLock { $0.most } }
        var isOver: Bool { state.withLock { $0.isOver } }

        func begin() {
            state.withLock {
                $0.running += 1
                $0.most = max($0.most, $0.running)
            }
        }

        func end() { state.withLock { $0.running -= 1 } }
        func finish() { state.withLock { $0.isOver = true } }
    }

    /// More than there are threads of the cooperative pool: were they in it, nothing else would run, this test's end included.
    @Test(.timeLimit(.minutes(10)))
    func `bodies that are being parsed keep nobody else from running, and two are at a time`() async throws {
        let watch = Watch()
        let many = sysconf(Int32(_SC_NPROCESSORS_ONLN)) * 2 + 4
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<many {
                group.addTask {
                    try await ParserThreads.run(size: 1 << 20) {
                        watch.begin()
                        while !watch.isOver { usleep(1000) }
                        watch.end()
                    }
                }
            }
            // Both threads are taken, and the pool is free for this.
            try await until("two that are parsed at once") { watch.most >= 2 }
            let others = await withTaskGroup(of: Int.self) { group in
                for number in 0..<100 { group.addTask { number } }
                return await group.reduce(0, +)
            }
            #expect(others == 4950)
            watch.finish()
            try await group.waitForAll()
        }
        #expect(watch.most == 2)
    }

    @Test func `hostile bodies get their answers, each with the place`() async throws {
        let deep = String(repeating: "[", count: 20_000)
        let laughs =
            "a: &a " + String(repeating: "x", count: 100_000) + "\nb: [" + String(repeating: "*a,", count: 9_000) + "]"
        let anchors = (0..<50_000).map { "- &a\($0) x\n" }.joined()
        try await GatewayHarness.run { gateway in
            for (body, part) in [(deep, "nested too deep"), (laughs, "bytes of text"), (anchors, "1000 anchors")] {
                let answer = try await gateway.ask(.post, "/v1/pods", body, headers: [.contentType: "application/yaml"])
                #expect(answer.status == 400)
                #expect(answer.detail.contains(part) && answer.detail.contains("line"), "\(answer.detail)")
            }
            #expect(gateway.node.leftovers.isEmpty)
        }
    }

    @Test(arguments: [
        ("metadata: {}\nmetadata: {}\n", "there twice"), ("\u{E9}: 1\ne\u{301}: 2\n", "two spellings"),
        ("? [a]\n: b\n", "must be a text"),
    ])
    func `a key is there once, byte by byte`(body: String, part: String) async throws {
        try await GatewayHarness.run { gateway in
            let answer = try await gateway.ask(.post, "/v1/pods", body, headers: [.contentType: "application/yaml"])
            #expect(answer.status == 400 && answer.detail.contains(part), "\(answer.detail)")
        }
    }
}
