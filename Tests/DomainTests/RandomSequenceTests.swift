import Domain
import DomainFakes
import Testing

@Suite("Random sequences", .timeLimit(.minutes(10)))
struct RandomSequenceTests {
    @Test(
        "Whatever is called, fails or happens in whatever order, the index is the inventory, and all can be removed",
        arguments: 1...40 as ClosedRange<UInt64>)
    func sequence(seed: UInt64) async throws {
        let node = FakeNode()
        let useCases = node.useCases()
        var random = Xorshift(seed: seed)
        var toldUntil = 0
        for _ in 0..<120 {
            if random.next() % 4 == 0 {
                let calls: [PortCall] = [
                    .launcherLaunch, .launcherStop, .engineFinish, .engineRemove, .engineAddContainer,
                    .engineStartContainer,
                    .engineStopContainer, .engineRemoveContainer, .engineRecord,
                ]
                node.failpoints.arm(
                    calls[Int(random.next() % UInt64(calls.count))], random.next() % 2 == 0 ? .before : .after,
                    .fail(broken))
            }
            await act(useCases, node, &random)
            // Some of the events, late and doubled.
            let log = node.engine.log
            let last = toldUntil + Int(random.next() % UInt64(log.count - toldUntil + 1))
            for event in log[max(0, toldUntil - 3)..<last] { useCases.context.index.apply(event) }
            toldUntil = last
        }
        node.failpoints.disarmAll()
        for pod in useCases.listPodSandboxes() where pod.message.contains("could not be made") {
            try await useCases.removePodSandbox(pod.id)
        }
        for container in useCases.listContainers() where container.state == .unknown {
            try await useCases.removeContainer(container.id)
        }
        await useCases.followEngine.check()
        let seen = Dictionary(uniqueKeysWithValues: useCases.listPodSandboxes().map { ($0.id, $0.state) })
        #expect(seen == node.engine.records.mapValues(\.pod.state))
        let containers = Dictionary(uniqueKeysWithValues: useCases.listContainers().map { ($0.id, $0) })
        let truth = node.engine.records.values.flatMap(\.containers)
        #expect(containers == Dictionary(uniqueKeysWithValues: truth.map { ($0.id, $0) }))

        for pod in useCases.listPodSandboxes() { try await useCases.removePodSandbox(pod.id) }
        #expect(node.leftovers.isEmpty)
        #expect(useCases.listContainers().isEmpty)
    }

    /// One random deed; its failure is part of the game.
    private func act(_ useCases: UseCases, _ node: FakeNode, _ random: inout Xorshift) async {
        let pods = useCases.listPodSandboxes().sorted { $0.id.rawValue < $1.id.rawValue }
        let containers = useCases.listContainers().sorted { $0.id.rawValue < $1.id.rawValue }
        let pod = pods.isEmpty ? PodID.fake(999) : pods[Int(random.next() % UInt64(pods.count))].id
        let container = containers.isEmpty ? nil : containers[Int(random.next() % UInt64(containers.count))]
        let id = container?.id ?? .fake(999)
        let attempt = UInt32(random.next() % 3)
        do {
            switch random.next() % 10 {
            case 0, 1: _ = try await useCases.runPodSandbox(.fake("p\(random.next() % 4)", attempt: attempt))
            case 2, 3: _ = try await useCases.createContainer(.fake("c\(random.next() % 3)", attempt: attempt), in: pod)
            case 4, 5: try await useCases.startContainer(id)
            case 6: try await useCases.stopContainer(id, grace: .seconds(Int(random.next() % 2)))
            case 7: try await useCases.removeContainer(id)
            case 8:
                random.next() % 2 == 0
                    ? try await useCases.stopPodSandbox(pod) : try await useCases.removePodSandbox(pod)
            default:
                if let container { node.engine.exits(container.id, of: container.podID, code: 1) }
                if random.next() % 8 == 0 { node.engine.supervisorEnds(pod) }
            }
        } catch {
            // The compiler knows that it is a domain error.
            #expect(!error.message.isEmpty)
        }
    }
}
