import Domain
import DomainFakes
import Glibc
import HostFacts
import Testing

/// Memory is the whole process's, in which other tests run at the same time: this one is measured in a process of its own.
@Suite("The memory of a daemon", .timeLimit(.minutes(10)))
struct PodCycleMemoryTests {
    private static let variable = "RKTLET_TEST_POD_CYCLES"
    /// Until what is kept of the last thousands of pods is full.
    private static let warmUp = 5_000
    private static let measured = 6_000

    @Test("does not grow with the pods that come and go: less than 20 bytes for each")
    func flat() async throws {
        guard getenv(Self.variable) != nil else { return try Self.runAlone() }
        let node = FakeNode()
        var ports = node.ports
        ports.clock = SilentClock()
        let useCases = UseCases(ports: ports)
        try await Self.cycle(node, useCases, times: Self.warmUp)
        let before = Self.inUse()
        try await Self.cycle(node, useCases, times: Self.measured)
        let growth = Self.inUse() - before
        #expect(growth < 20 * Self.measured, "\(growth / Self.measured) bytes for each pod")
    }

    /// What malloc(3) keeps for the next one counts as used, unless it is given back.
    private static func inUse() -> Int {
        HeapMemory.giveBack()
        return HeapMemory.now().inUse
    }

    private static func cycle(_ node: FakeNode, _ useCases: UseCases, times: Int) async throws {
        for number in 0..<times {
            let config = PodSandboxConfig.fake("pod-\(number % 7)")
            let pod = try await useCases.runPodSandbox(config)
            let container = try await useCases.createContainer(.fake(), in: pod)
            try await useCases.startContainer(container)
            _ = useCases.listContainers()
            _ = useCases.listPodSandboxes()
            try await useCases.stopContainer(container, grace: .zero)
            try await useCases.removeContainer(container)
            try await useCases.stopPodSandbox(pod)
            try await useCases.removePodSandbox(pod)
            // What the fakes remember is theirs.
            node.failpoints.forgetCalls()
            node.diagnostics.forget()
            node.engine.forgetEvents()
        }
    }

    private static func runAlone() throws {
        let arguments = [
            CommandLine.arguments[0], "--testing-library", "swift-testing", "--filter", "PodCycleMemoryTests",
        ]
        let environment = [
            // Chunks that a thread keeps for its next allocations count as used: some hundred kilobytes, by chance.
            "\(variable)=1", "GLIBC_TUNABLES=glibc.malloc.tcache_count=0",
            "PATH=\(getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin")",
        ]
        var process: pid_t = 0
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for text in words + variables { free(text) } }
        try #require(posix_spawn(&process, "/proc/self/exe", nil, nil, &words, &variables) == 0)
        var status: CInt = 0
        while waitpid(process, &status, 0) < 0 { try #require(errno == EINTR) }
        #expect(status == 0, "see the other process's output")
    }
}

/// On which no time passes. Cancelled, it returns: for each error that is thrown the testing library keeps a backtrace.
private struct SilentClock: Clock {
    var now: ContinuousClock.Instant { ContinuousClock.now }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async {
        let (never, continuation) = AsyncStream.makeStream(of: Never.self)
        for await _ in never {}
        continuation.finish()
    }
}
