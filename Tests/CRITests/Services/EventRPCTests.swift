import CRI
import Domain
import DomainFakes
import GRPCCore
import Testing

@Suite(.timeLimit(.minutes(10))) struct EventRPCTests {
    private typealias Method = Runtime_V1_RuntimeService.Method

    /// What a subscriber gets for what `body` does.
    private func events(
        of useCases: UseCases, _ body: @Sendable @escaping () async throws -> Void
    ) async throws -> [Runtime_V1_ContainerEventResponse] {
        try await InProcessCRI.serve(useCases) { cri in
            async let events: [Runtime_V1_ContainerEventResponse] = cri.stream(
                Method.GetContainerEvents.descriptor, Runtime_V1_GetEventsRequest())
            while !useCases.context.index.events.hasSubscribers { await Task.yield() }
            try await body()
            // It goes on to wait for calls that are not there.
            let ending = Task { await useCases.endLongCalls() }
            defer { ending.cancel() }
            return try await events
        }
    }

    @Test func `a pod's and its container's life is told in order, with their statuses`() async throws {
        let node = FakeNode()
        let useCases = node.useCases()
        let events = try await events(of: useCases) {
            let pod = try await useCases.runPodSandbox(.fake())
            let container = try await useCases.createContainer(.fake(), in: pod)
            try await useCases.startContainer(container)
            try await useCases.stopContainer(container, grace: .zero)
            try await useCases.removeContainer(container)
            try await useCases.removePodSandbox(pod)
        }
        let pods = Set(events.map(\.podSandboxStatus.id))
        let pod = try #require(pods.count == 1 ? pods.first : nil)
        let ofContainer = events.filter { $0.containerID != pod }
        #expect(
            ofContainer.map(\.containerEventType)
                == [.containerCreatedEvent, .containerStartedEvent, .containerStoppedEvent, .containerDeletedEvent])
        #expect(Set(ofContainer.map(\.containerID)).count == 1)
        let ofPod = events.filter { $0.containerID == pod }
        #expect(
            ofPod.map(\.containerEventType)
                == [.containerCreatedEvent, .containerStartedEvent, .containerStoppedEvent, .containerDeletedEvent])
        #expect(events.allSatisfy { $0.createdAt > 0 })
        let states = ofContainer.map { $0.containersStatuses.map(\.state) }
        #expect(states == [[.containerCreated], [.containerRunning], [.containerExited], []])
        #expect(ofContainer[2].containersStatuses.first?.exitCode == 137)
        #expect(ofPod.prefix(2).allSatisfy { $0.podSandboxStatus.state == .sandboxReady })
        // Whose pod it was, the kubelet reads from it.
        #expect(ofPod.last?.podSandboxStatus.state == .sandboxNotready)
    }

    @Test func `the stream ends with OK when the daemon stops`() async throws {
        let events = try await events(of: FakeNode().useCases()) {}
        #expect(events.isEmpty)
    }
}
