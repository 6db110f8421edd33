import DomainFakes
import Testing

@testable import Domain

@Suite(.timeLimit(.minutes(10))) struct PodStoryTests {
    private let node = FakeNode()
    private let gone = PodID.fake(7, "d")

    private func line(
        _ second: Int64, _ source: HistoryLine.Source = .unit, _ text: String = "", problem: Bool = false,
        _ call: HistoryLine.Call? = nil
    ) -> HistoryLine {
        HistoryLine(
            at: Timestamp(nanoseconds: 1_800_000_000_000_000_000 + second * 1_000_000_000), source: source,
            isProblem: problem, text: text, call: call)
    }

    private func web(_ useCases: UseCases) async throws -> (pod: PodID, container: ContainerID) {
        let pod = try await useCases.runPodSandbox(.fake())
        let container = try await useCases.createContainer(.fake(), in: pod)
        try await useCases.startContainer(container)
        return (pod, container)
    }

    @Test func `calls, the unit's lines and systemd's are one timeline, and calls are told with what they were about`()
        async throws
    {
        let useCases = node.useCases()
        let (pod, container) = try await web(useCases)
        let short = container.rawValue.prefix(12)
        node.history.tell(
            pod,
            line(
                1, .daemon, "served …",
                .init(method: "RunPodSandbox", milliseconds: "58", steps: "systemd launch 52 ms", name: "default/web")),
            line(2, .daemon, "served …", .init(method: "PullImage", name: "busybox")),
            line(3, .unit, "container main (\(short)): started, process 7"),
            line(
                4, .daemon, "call failed …",
                .init(
                    method: "ExecSync", code: "deadlineExceeded", hasFailed: true, milliseconds: "1000",
                    container: container, error: "it took too long")),
            line(5, .systemd, "rktlet-pod-x.service: Failed", problem: true))
        let story = try await useCases.podStory(pod)
        #expect((story.id, story.name, story.state, story.gap, story.isCut) == (pod, "default/web", .ready, "", false))
        let told = story.entries.filter { $0.source != .record }
        #expect(
            told.map(\.text) == [
                "RunPodSandbox default/web: done after 58 ms (systemd launch 52 ms)", "PullImage busybox: done",
                "container main (\(short)): started, process 7",
                "ExecSync main (\(short)): deadlineExceeded after 1000 ms: it took too long",
                "rktlet-pod-x.service: Failed",
            ])
        #expect(told.map(\.source) == [.call, .call, .unit, .call, .systemd])
        #expect(told.map(\.isProblem) == [false, false, false, true, true])
        #expect(story.summary == "ready; 1 of 1 container runs")
        // The record tells what came before the first line, and nothing twice.
        #expect(story.entries.prefix(while: { $0.source == .record }).map(\.text).first == "the pod was made")
        #expect(story.entries.map(\.at) == story.entries.map(\.at).sorted())
    }

    @Test func `without a journal the record is told, with the reason`() async throws {
        let useCases = node.useCases()
        let (pod, container) = try await web(useCases)
        try await useCases.stopContainer(container, grace: .zero)
        node.history.fail(DomainError(.unavailable, "there is no journal"))
        let story = try await useCases.podStory(pod)
        #expect(story.gap == "there is no journal")
        #expect(story.entries.map(\.source).allSatisfy { $0 == .record })
        let short = container.rawValue.prefix(12)
        #expect(
            story.entries.map(\.text).prefix(3) == [
                "the pod was made", "main (\(short)) was made", "main (\(short)) was started",
            ])
        #expect(
            story.entries.last?.isProblem == true && story.entries.last?.text.contains("ended with code 137") == true)
        #expect(story.summary == "ready; 0 of 1 container runs, main exited with 137 (Error)")
        await #expect(
            throws: DomainError(
                .notFound,
                "pod \(gone) does not exist, and of those that are gone nothing is known: there is no journal")
        ) {
            try await useCases.podStory(gone)
        }
        #expect(try await useCases.podStory.pods(beginningWith: "dd").isEmpty)
        node.history.fail(DomainError(.deadlineExceeded, "too many"))
        await #expect(throws: DomainError(.deadlineExceeded, "too many")) {
            try await useCases.podStory.pods(beginningWith: "dd")
        }
        #expect(await useCases.podStory.newestPod(called: "default/nobody") == nil)
    }

    @Test func `of a pod that is not ready the reason is told`() async throws {
        let useCases = node.useCases()
        let (pod, _) = try await web(useCases)
        try await useCases.stopPodSandbox(pod)
        #expect(
            try await useCases.podStory(pod).summary.hasPrefix("not ready: nobody recorded why; 0 of 1 container runs"))
        node.history.tell(
            pod, line(1, .daemon, "", .init(method: "StopPodSandbox", code: "unavailable", hasFailed: true)),
            line(2, .daemon, "", .init(method: "POST /v1/pods/{pod}/stop")))
        #expect(
            try await useCases.podStory(pod).summary.hasPrefix(
                "not ready: it was stopped by POST /v1/pods/{pod}/stop; "))
    }

    @Test func `a pod that is gone is told, and who removed it`() async throws {
        let useCases = node.useCases()
        let container = ContainerID.fake(1, "c")
        node.history.tell(
            gone, line(1, .daemon, "", .init(method: "RunPodSandbox", name: "default/old")),
            line(2, .daemon, "", .init(method: "CreateContainer", name: "main", container: container)),
            line(3, .daemon, "", .init(method: "RemoveContainer", container: container)))
        var story = try await useCases.podStory(gone)
        #expect((story.name, story.state) == ("default/old", nil))
        #expect(story.entries.last?.text == "RemoveContainer main (\(container.rawValue.prefix(12))): done")
        #expect(story.summary == "gone, and nothing says who removed it")
        node.history.tell(gone, line(4, .daemon, "", .init(method: "RemovePodSandbox")))
        story = try await useCases.podStory(gone)
        #expect(story.summary == "gone: it was removed by RemovePodSandbox")
        #expect(try await useCases.podStory.pods(beginningWith: "d0") == [gone])
        node.history.call("default/old", gone, .fake(8, "d"))
        #expect(await useCases.podStory.newestPod(called: "default/old") == gone)
    }

    @Test func `a pod that could not be made is found by its name, and says why`() async throws {
        let useCases = node.useCases()
        node.failpoints.arm(.launcherLaunch, .before, .fail(DomainError(.unavailable, "no systemd")))
        await #expect(throws: DomainError.self) { try await useCases.runPodSandbox(.fake()) }
        let told = node.diagnostics.warnings.first { $0.message == "a pod could not be made" }
        #expect(told?.fields["name"] == "default/web" && told?.fields["error"]?.contains("no systemd") == true)
        #expect(told?.fields["pod"].flatMap { PodID($0) } != nil)
        node.history.tell(gone, line(1, .daemon, "a pod could not be made error=no systemd", problem: true))
        #expect(
            try await useCases.podStory(gone).summary == "it was not made: a pod could not be made error=no systemd")
    }

    @Test func `a story without end is cut at its beginning`() async throws {
        let useCases = node.useCases()
        for second in 0...Int64(PodStory.mostLines) { node.history.tell(gone, line(second, .unit, "\(second)")) }
        let story = try await useCases.podStory(gone)
        #expect(story.isCut && story.entries.count == PodStory.mostLines && story.entries.first?.text == "1")
    }
}
