import Domain
import HostFacts

extension PlainRktDialect {
    /// After the last signal.
    private static let killTime = Duration.seconds(10)
    /// Between the end of rkt's own stop and the exit that it writes.
    private static let settleTime = Duration.seconds(5)

    /// rkt's own stop has one grace for all, 90 s: where the app's processes are to be found, they get their signals from here.
    func stopContainer(
        _ id: ContainerID, of pod: PodID, signal: Signal?, grace: Duration
    ) async throws(DomainError) -> Container {
        let uuid = try await knownUUID(of: pod)
        let before = try await container(id, in: uuid)
        switch before.state {
        case .exited: return before
        case .created:
            // It has no process, and rkt no word for one that will never have any.
            try marks.change(id.rawValue, in: uuid) { $0.stoppedUnstarted = .now }
        default: try await end(id, in: uuid, signal: signal ?? .term, grace: grace)
        }
        let stopped = try await container(id, in: uuid)
        if stopped.state == .exited { await logs.follow(stopped) }
        return stopped
    }

    /// Returns once the exit is written down.
    ///
    /// - Throws: `deadlineExceeded` when it is not.
    func end(_ id: ContainerID, in uuid: EngineUUID, signal: Signal, grace: Duration) async throws(DomainError) {
        let app = id.rawValue
        guard files.processes(of: app, in: uuid) != nil else {
            return try await endThroughRkt(id, in: uuid, grace: grace)
        }
        if grace > .zero, signal != .kill {
            try send(signal, to: app, in: uuid)
            if await isExitWritten(of: id, in: uuid, within: grace) { return }
        }
        let clock = ContinuousClock()
        let deadline = clock.now + Self.killTime
        repeat {
            // Again and again: one that forked meanwhile has left a child.
            try send(.kill, to: app, in: uuid)
            if await isExitWritten(of: id, in: uuid, within: .milliseconds(500)) { return }
        } while clock.now < deadline
        throw DomainError(
            .deadlineExceeded,
            "container \(id): rkt wrote no exit within \(Self.killTime) of SIGKILL; see the pod's unit")
    }

    private func send(_ signal: Signal, to app: String, in uuid: EngineUUID) throws(DomainError) {
        try marks.change(app, in: uuid) { $0.signals.insert(signal.number) }
        _ = files.signal(signal, to: app, in: uuid)
    }

    private func endThroughRkt(_ id: ContainerID, in uuid: EngineUUID, grace: Duration) async throws(DomainError) {
        try marks.change(id.rawValue, in: uuid) { $0.signals.formUnion([Signal.term.number, Signal.kill.number]) }
        try await change(["app", "stop"], id, in: uuid, timeout: grace + settings.changeTimeout)
        _ = await isExitWritten(of: id, in: uuid, within: Self.settleTime)
    }

    /// Waits for an exit to be written, by what rkt writes below the pod's directory.
    ///
    /// - Returns: whether it is; where nothing of the pod is to be seen, what rkt tells of the app.
    func isExitWritten(of id: ContainerID, in uuid: EngineUUID, within limit: Duration) async -> Bool {
        let app = id.rawValue
        let directories = files.statusDirectories(of: uuid)
        guard !directories.isEmpty, let watch = DirectoriesWatch() else {
            return await hasExited(app, in: uuid, within: limit)
        }
        watch.watch(directories)
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask { [files] in
                if files.isExitWritten(of: app, in: uuid) == true { return true }
                for await _ in watch.wakeups where files.isExitWritten(of: app, in: uuid) == true { return true }
                return false
            }
            group.addTask { [files] in
                try? await Task.sleep(for: limit)
                return files.isExitWritten(of: app, in: uuid) == true
            }
            let isWritten = await group.next() ?? false
            group.cancelAll()
            return isWritten
        }
    }

    private func hasExited(_ app: String, in uuid: EngineUUID, within limit: Duration) async -> Bool {
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        while true {
            let state = (try? await status(of: app, in: uuid))??["state"]?.stringValue
            if state == "exited" { return true }
            guard clock.now < deadline, !Task.isCancelled else { return false }
            try? await Task.sleep(for: .milliseconds(50))
        }
    }
}
