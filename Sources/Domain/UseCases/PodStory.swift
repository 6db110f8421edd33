import ByteText

/// Tells a pod's life: from what was written down of it while it happened, and from the engine's record. Also of a pod that is gone, for as long
/// as that is kept.
package struct PodStory: Sendable {
    /// Lines of one story; a pod that has more is told from there on.
    package static let mostLines = 2000

    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// Waits for a disk.
    ///
    /// - Throws: `notFound` when there is no such pod, and nothing is kept of one.
    package func callAsFunction(_ id: PodID) async throws(DomainError) -> Story {
        var lines: [HistoryLine] = []
        var gap = ""
        do {
            lines = try await context.ports.history.lines(of: id, most: Self.mostLines + 1)
        } catch {
            gap = error.message
        }
        let isCut = lines.count > Self.mostLines
        if isCut { lines.removeFirst(lines.count - Self.mostLines) }
        let record = context.index.record(of: id)
        guard record != nil || !lines.isEmpty else {
            let kept = gap.isEmpty ? "the journal has nothing of it" : "of those that are gone nothing is known: \(gap)"
            throw DomainError(.notFound, "pod \(id) does not exist, and \(kept)")
        }
        let names = StoryNames(record, lines)
        var entries = lines.map { $0.entry(names) }
        entries = Self.milestones(record, before: entries.first?.at) + entries
        return Story(
            id: id, name: names.pod, state: record?.pod.state, summary: StorySummary.text(record, lines),
            entries: entries, isCut: isCut, gap: gap)
    }

    /// The pods, those that are gone included, whose ids begin so.
    ///
    /// - Throws: `deadlineExceeded` when there is too much to look through. Nothing of a history that cannot be read: then there are only those that live.
    package func pods(beginningWith prefix: String) async throws(DomainError) -> [PodID] {
        let living = context.index.pods().map(\.id).filter { $0.rawValue.begins(with: prefix) }
        if !living.isEmpty { return living }
        do {
            return try await context.ports.history.pods(beginningWith: prefix, most: 20)
        } catch {
            guard error.code != .deadlineExceeded else { throw error }
            return []
        }
    }

    /// The newest pod that had this name, also one that is gone or was never made.
    ///
    /// - Parameter name: `namespace/name`.
    package func newestPod(called name: String) async -> PodID? {
        let living = context.index.pods().filter { pod in
            "\(pod.config.metadata.namespace)/\(pod.config.metadata.name)".isSame(as: name)
        }
        if let newest = living.max(by: { $0.createdAt < $1.createdAt }) { return newest.id }
        return (try? await context.ports.history.pods(called: name, most: 1))?.first
    }

    /// The pod of this name that clients see.
    package func pod(called name: PodSandboxMetadata) -> PodID? { context.index.pod(called: name) }

    /// The pod that a container is in; nil when there is no such container.
    package func pod(of container: ContainerID) -> PodID? { context.index.container(container)?.podID }

    /// What the engine knows to have happened before the first line.
    private static func milestones(_ record: PodRecord?, before first: Timestamp?) -> [Story.Entry] {
        guard let record else { return [] }
        var entries = [Story.Entry(at: record.pod.createdAt, source: .record, text: "the pod was made")]
        for container in record.containers {
            let who = StoryNames.container(container.config.metadata.name, container.id)
            entries.append(.init(at: container.createdAt, source: .record, text: "\(who) was made"))
            entries.append(.init(at: container.startedAt, source: .record, text: "\(who) was started"))
            if let exit = container.exit {
                let message = exit.message.isEmpty ? "" : ": " + exit.message
                entries.append(
                    .init(
                        at: exit.finishedAt, source: .record, isProblem: exit.code != 0,
                        text: "\(who) ended with code \(exit.code), \(exit.reason)\(message)"))
            }
        }
        return entries.filter { entry in entry.at != .never && (first.map { entry.at < $0 } ?? true) }
            .sorted { $0.at < $1.at }
    }
}

extension HistoryLine {
    fileprivate func entry(_ names: StoryNames) -> Story.Entry {
        guard let call else {
            let source: Story.Entry.Source =
                switch source {
                case .daemon: .daemon
                case .unit: .unit
                case .systemd: .systemd
                }
            return Story.Entry(at: at, source: source, isProblem: isProblem, text: text)
        }
        var text = call.method
        if let container = call.container {
            text += " " + StoryNames.container(names.containers[container] ?? call.name, container)
        } else if !call.name.isEmpty {
            text += " " + call.name
        }
        text += call.hasFailed ? ": \(call.code)" : ": done"
        if !call.milliseconds.isEmpty { text += " after \(call.milliseconds) ms" }
        if !call.steps.isEmpty { text += " (\(call.steps))" }
        if !call.error.isEmpty { text += ": " + call.error }
        return Story.Entry(at: at, source: .call, isProblem: call.hasFailed, text: text)
    }
}
