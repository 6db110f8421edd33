import Dispatch
import Domain
import HostFacts
import Logging
import Synchronization

/// The CRI logs of containers on rkt. rkt writes the streams of an app into a file of ours, whether the daemon runs or not; from there they are
/// carried over into the CRI's file as they come.
final class RktLogs: Sendable {
    private struct Entry {
        var copy: RktLogCopy
        let pod: PodID
        var isFailing = false
    }

    private let directory: String
    private let logger: Logger
    private let entries = Mutex<[ContainerID: Entry]>([:])
    private let queue = DispatchQueue(label: "rkt.logs")
    private let watch = DirectoriesWatch(includingWrites: true)

    /// - Parameter state: the daemon's own directory beside rkt's.
    init(_ state: RktStateDirectory, logger: Logger) {
        directory = "\(state.path)/logs"
        self.logger = logger
    }

    /// Where rkt writes the streams of a pod's apps, each in a file of the container's id.
    func directory(of pod: PodID) -> String { "\(directory)/\(pod)" }

    /// rkt does not make it.
    func makeDirectory(of pod: PodID) { PrivateFile.makeDirectories(directory(of: pod)) }

    /// From now on the container's log is written. Repeatable.
    ///
    /// - Returns: once what there is is in the log; of one that has ended that is all of it.
    func follow(_ container: Container) async {
        await onQueue { [self] in
            let isNew = entries.withLock { entries in
                guard entries[container.id] == nil else { return false }
                let source = "\(directory(of: container.podID))/\(container.id)"
                entries[container.id] = Entry(
                    copy: RktLogCopy(source: source, target: container.logPath), pod: container.podID)
                return true
            }
            if isNew { watchAll() }
            try? copy(container.id, isOver: container.state == .exited)
        }
    }

    /// Whoever rotates logs has moved the file away: it is made anew, and what comes goes there.
    func reopen(_ container: Container) async throws(DomainError) {
        await follow(container)
        let result: Result<Void, DomainError> = await onQueue { [self] in
            Result { () throws(DomainError) in
                try copy(container.id, isOver: false)
                try entries.withLock { $0[container.id]?.copy }?.makeTarget()
            }
        }
        try result.get()
    }

    /// Ends the log with what there is, and removes rkt's file.
    func finish(_ id: ContainerID) async {
        await onQueue { [self] in
            try? copy(id, isOver: true)
            entries.withLock { $0.removeValue(forKey: id) }?.copy.remove()
        }
    }

    /// Removes what there is of a pod, whose containers are gone.
    func finish(_ pod: PodID) async {
        await onQueue { [self] in
            for id in entries.withLock({ $0.filter { $0.value.pod == pod }.keys }) {
                try? copy(id, isOver: true)
                entries.withLock { $0[id] = nil }
            }
            RktStateDirectory(path: directory).removeDirectory("\(pod)")
            watchAll()
        }
    }

    /// Carries over what comes, until the task is cancelled.
    func run() async {
        guard let watch else {
            return logger.warning("logs are written when containers are looked at: fs.inotify.max_user_instances")
        }
        for await _ in watch.wakeups {
            await onQueue { [self] in
                for id in entries.withLock({ Array($0.keys) }) { try? copy(id, isOver: false) }
            }
        }
    }

    private func copy(_ id: ContainerID, isOver: Bool) throws(DomainError) {
        guard var entry = entries.withLock({ $0[id] }) else { return }
        let result = Result { () throws(DomainError) in try entry.copy.run(isOver: isOver) }
        if case .failure(let error) = result, !entry.isFailing {
            logger.warning("a log cannot be written", metadata: ["container": "\(id)", "cause": "\(error)"])
        }
        entry.isFailing = (try? result.get()) == nil
        entries.withLock { if $0[id] != nil { $0[id] = entry } }
        try result.get()
    }

    private func watchAll() {
        watch?.watch(Set(entries.withLock { $0.values.map(\.pod) }).map(directory(of:)))
    }

    /// Files block; the order of the calls is kept, and one at a time is copied.
    private func onQueue<T: Sendable>(_ work: @escaping @Sendable () -> T) async -> T {
        await withCheckedContinuation { continuation in queue.async { continuation.resume(returning: work()) } }
    }
}
