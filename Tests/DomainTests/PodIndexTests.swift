import Domain
import DomainFakes
import Testing

@Suite("Waiting for news of a pod", .timeLimit(.minutes(10)))
struct PodNewsTests {
    @Test("news and the end of the waiting may come at once")
    func race() async {
        let index = PodIndex(wallClock: FakeWallClock())
        await withDiscardingTaskGroup { group in
            for number in 1...500 as ClosedRange<UInt64> {
                group.addTask {
                    let pod = PodSandbox(
                        id: .fake(number), config: .fake("p\(number)"), state: .creating,
                        createdAt: Timestamp(nanoseconds: 1), unit: "u")
                    _ = index.reserve(pod)
                    let waiting = Task { await index.heardEnough(of: pod.id) }
                    let news = Task {
                        var ready = pod
                        ready.state = .ready
                        index.apply(.pod(ready))
                    }
                    await Task.yield()
                    waiting.cancel()
                    await news.value
                    await waiting.value
                    // It is ready: whoever asks now does not wait, and the test ends.
                    await index.heardEnough(of: pod.id)
                }
            }
        }
    }
}

@Suite("The index", .timeLimit(.minutes(10)))
struct PodIndexTests {
    let index = PodIndex(wallClock: FakeWallClock())

    func pod(_ number: UInt64, _ state: PodSandboxState = .ready, attached: Bool = true) -> PodSandbox {
        PodSandbox(
            id: .fake(number), config: .fake("pod\(number)"), state: state, createdAt: Timestamp(nanoseconds: 1),
            networkAttached: attached,
            unit: "u")
    }

    func container(_ number: UInt64, of pod: UInt64 = 1, _ state: ContainerState, code: Int32 = 0) -> Container {
        Container(
            id: .fake(number, "c"), podID: .fake(pod), config: .fake("c\(number)"), imageID: ImageID("i"), logPath: "",
            state: state,
            createdAt: Timestamp(nanoseconds: 2), startedAt: state == .running ? Timestamp(nanoseconds: 3) : .never,
            exit: state == .exited
                ? ContainerExit(finishedAt: Timestamp(nanoseconds: 4), code: code, reason: "Error") : nil)
    }

    @Test(
        "A container's state never moves back, whatever comes late", arguments: ContainerState.allCases,
        ContainerState.allCases)
    func monotone(first: ContainerState, second: ContainerState) {
        index.apply(.pod(pod(1)))
        index.apply(.container(container(1, first)))
        index.apply(.container(container(1, second)))
        let visible: [ContainerState] = [.created, .running, .exited, .unknown]
        // A removal is told by an event of its own; as a state it is no news.
        let expected: ContainerState? =
            switch (first, second) {
            case (.removed, .removed), (.removed, .creating), (.creating, .creating), (.creating, .removed): nil
            case (.removed, let other): other
            case (let one, .removed): one
            case (let one, let other): one.mayBecome(other) ? other : one
            }
        #expect(index.container(.fake(1, "c"))?.state == expected.flatMap { visible.contains($0) ? $0 : nil })
    }

    @Test(
        "A pod's state never moves back", arguments: [PodSandboxState.ready, .notReady],
        [PodSandboxState.creating, .ready, .notReady])
    func monotonePod(first: PodSandboxState, second: PodSandboxState) {
        index.apply(.pod(pod(1, first)))
        index.apply(.pod(pod(1, second)))
        #expect(index.pod(.fake(1))?.state == (first.mayBecome(second) ? second : first))
    }

    @Test("A network that was detached stays so, whatever comes late")
    func detached() {
        index.apply(.pod(pod(1, .notReady, attached: false)))
        index.apply(.pod(pod(1, .notReady, attached: true)))
        #expect(index.pod(.fake(1))?.networkAttached == false)
    }

    @Test("An exit is written once")
    func exitOnce() {
        index.apply(.container(container(1, .exited, code: 3)))
        index.apply(.container(container(1, .exited, code: 0)))
        #expect(index.container(.fake(1, "c"))?.exit?.code == 3)
    }

    @Test("An exited container without an exit is unknown: a code is never invented")
    func noInventedExit() {
        var odd = container(1, .exited)
        odd.exit = nil
        index.apply(.container(odd))
        #expect(index.container(.fake(1, "c"))?.state == .unknown)
        index.apply(.container(container(2, .running)))
        var second = container(2, .exited)
        second.exit = nil
        index.apply(.container(second))
        #expect(index.container(.fake(2, "c"))?.state == .unknown)
        index.apply(.container(container(2, .exited, code: 9)))
        #expect(index.container(.fake(2, "c"))?.exit?.code == 9)
    }

    @Test("What the engine tells late of a disowned pod does not make it visible; a known one is not disowned")
    func disowned() {
        #expect(index.disown(.fake(1)))
        index.apply(.pod(pod(1)))
        #expect(index.pods().isEmpty)
        index.apply(.pod(pod(2)))
        #expect(!index.disown(.fake(2)))
        #expect(index.pods().count == 1)
    }

    @Test("What was removed does not come back, and a pod takes its containers with it")
    func tombstones() {
        index.apply(.pod(pod(1)))
        index.apply(.container(container(1, .running)))
        index.apply(.podRemoved(.fake(1)))
        index.apply(.pod(pod(1)))
        index.apply(.container(container(1, .running)))
        index.apply(.container(container(2, .running)))
        index.apply(.snapshot([PodRecord(pod: pod(1), containers: [container(1, .running)])]))
        #expect(index.pods().isEmpty)
        #expect(index.containers().isEmpty)
        // A removal that comes before its object counts too.
        index.apply(.containerRemoved(.fake(7, "c")))
        index.apply(.container(container(7, of: 2, .created)))
        #expect(index.containers().isEmpty)
    }

    @Test("Filters are ANDed, and the empty one matches all, exited ones included")
    func filters() {
        for number in 1...4 as ClosedRange<UInt64> { index.apply(.pod(pod(number, number == 4 ? .notReady : .ready))) }
        index.apply(.container(container(1, of: 1, .running)))
        index.apply(.container(container(2, of: 1, .exited)))
        index.apply(.container(container(3, of: 2, .running)))
        #expect(index.pods().count == 4)
        #expect(index.containers().count == 3)

        var pods = PodSandboxFilter()
        pods.state = .notReady
        #expect(index.pods(pods).map(\.id) == [.fake(4)])
        pods.state = .ready
        pods.labels = ["app": "pod2"]
        #expect(index.pods(pods).map(\.id) == [.fake(2)])
        pods.id = PodID.fake(1).rawValue
        #expect(index.pods(pods).isEmpty)
        pods.id = "not an id"
        #expect(index.pods(pods).isEmpty)

        var containers = ContainerFilter()
        containers.podID = PodID.fake(1).rawValue
        #expect(index.containers(containers).count == 2)
        containers.state = .exited
        #expect(index.containers(containers).map(\.id) == [.fake(2, "c")])
        containers.id = ContainerID.fake(3, "c").rawValue
        #expect(index.containers(containers).isEmpty)
        containers.podID = ""
        containers.state = nil
        containers.labels = ["container": "c3"]
        #expect(index.containers(containers).map(\.id) == [.fake(3, "c")])
        containers.labels = ["container": "c3", "more": ""]
        #expect(index.containers(containers).isEmpty)
    }

    @Test("The version rises with what clients can see, and with nothing else")
    func version() {
        index.apply(.pod(pod(1)))
        let version = index.version
        index.apply(.pod(pod(1)))
        index.apply(.pod(pod(1, .creating)))
        index.apply(.containerRemoved(.fake(5)))
        #expect(index.version == version)
        index.apply(.pod(pod(1, .notReady)))
        #expect(index.version > version)
    }

    @Test("Events come in order, once each, with what a late subscriber missed left out")
    func events() async throws {
        index.apply(.pod(pod(1)))
        var events = index.events.subscribe().makeAsyncIterator()
        index.apply(.container(container(1, .created)))
        index.apply(.container(container(1, .created)))
        index.apply(.container(container(1, .running)))
        index.apply(.container(container(1, .exited)))
        index.apply(.container(container(1, .running)))
        // The start was missed: it is told with the exit, since it happened.
        var missed = container(2, .exited)
        missed.startedAt = Timestamp(nanoseconds: 3)
        index.apply(.container(container(2, .created)))
        index.apply(.container(missed))
        index.apply(.pod(pod(1, .notReady)))
        index.apply(.podRemoved(.fake(1)))
        index.events.close()
        var heard: [String] = []
        // A removal still tells whose it was.
        while let event = try await events.next() {
            #expect(event.pod?.id == .fake(1))
            heard.append("\(event.objectID.prefix(1))\(event.objectID.suffix(1)) \(event.kind)")
        }
        #expect(
            Array(heard.prefix(7)) == [
                "c1 created", "c1 started", "c1 stopped", "c2 created", "c2 started", "c2 stopped", "f1 stopped",
            ])
        #expect(Set(heard.dropFirst(7)) == ["c1 deleted", "c2 deleted", "f1 deleted"])
        #expect(heard.count == 10)
        #expect(heard.last == "f1 deleted")
    }

    @Test("A list of a thousand containers is made once and then handed out")
    func listIsShared() {
        for number in 1...1000 as ClosedRange<UInt64> { index.apply(.container(container(number, .running))) }
        func address(_ list: [Container]) -> UInt { list.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) } }
        let first = index.containers()
        #expect(first.count == 1000)
        #expect(address(first) == address(index.containers()))
        index.apply(.container(container(1, .exited)))
        #expect(address(first) != address(index.containers()))
        #expect(first.allSatisfy { $0.state == .running })
    }

    @Test("The events of a whole life lead to the same index in any order that each object's own events keep")
    func shuffledObjects() async throws {
        let node = FakeNode()
        let useCases = node.useCases()
        for name in ["a", "b", "c"] {
            let pod = try await useCases.runPodSandbox(.fake(name))
            for container in ["x", "y", "z"] {
                let id = try await useCases.createContainer(.fake(container), in: pod)
                if container != "z" { try await useCases.startContainer(id) }
                if container == "x" { try await useCases.stopContainer(id, grace: .zero) }
            }
            if name == "a" { try await useCases.stopPodSandbox(pod) }
            if name == "b" { try await useCases.removePodSandbox(pod) }
        }
        for seed in 0..<200 as Range<UInt64> {
            var random = Xorshift(seed: seed + 1)
            let other = PodIndex(wallClock: FakeWallClock())
            // Every event comes at least once and late ones twice.
            for event in (node.engine.log + node.engine.log).shuffled(using: &random) { other.apply(event) }
            let pods = Dictionary(uniqueKeysWithValues: other.pods().map { ($0.id, $0.state) })
            #expect(pods == node.engine.records.mapValues(\.pod.state), "seed \(seed)")
            let containers = Dictionary(uniqueKeysWithValues: other.containers().map { ($0.id, $0.state) })
            let truth = node.engine.records.values.flatMap(\.containers)
            #expect(containers == Dictionary(uniqueKeysWithValues: truth.map { ($0.id, $0.state) }), "seed \(seed)")
        }
    }
}

/// Random numbers that a seed repeats.
struct Xorshift: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
