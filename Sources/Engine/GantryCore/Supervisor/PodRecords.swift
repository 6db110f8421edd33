import Synchronization

/// What is written of a pod while it lives: its record, those of its apps, and the events that tell of them, an event always after what it
/// tells of. One worker writes all of it, in order: the disk may take its time.
final class PodRecords: Sendable {
    private let pod: PodDirectory
    private let events: Mutex<PodEventLog>
    /// Apps whose exit has been told, or that were given up, while the disk took no record of it. What is written of them later is old news.
    private let told = Mutex<Set<Told>>([])

    private struct Told: Hashable {
        let name: AppName
        let createdAt: Int64

        init(_ record: AppRecord) { (name, createdAt) = (record.name, record.createdAt) }
    }

    init(pod: PodDirectory, runDir: String) throws(EngineError) {
        self.pod = pod
        events = Mutex(try PodEventLog(pod.uuid, runDir: runDir))
    }

    /// An app's record, and its event.
    func save(_ record: AppRecord, _ durability: Durability) throws(EngineError) {
        try pod.writeApp(record, durability: durability)
        publishUnlessTold(record)
    }

    private func publishUnlessTold(_ record: AppRecord) {
        if told.withLock({ $0.contains(Told(record)) }) { return }
        publish(.app(pod: pod.uuid, record))
    }

    /// The pod's record; `full` is what its event shows.
    func save(_ record: PodRecord, full: PodRecord) throws(EngineError) {
        try pod.writeRecord(record, durability: .atomic)
        publish(.pod(full))
    }

    /// How a start or an exit was recorded.
    enum Outcome: Sendable {
        case written
        /// In memory, where listings and a clean-up find it: the disk has no room.
        case kept(because: EngineError)
    }

    /// An app's record that says that it has started, or how it ended. A full disk must not lose it.
    func keep(_ record: AppRecord, _ durability: Durability) throws(EngineError) -> Outcome {
        var outcome = Outcome.written
        do throws(EngineError) {
            try pod.writeApp(record, durability: durability)
            // Of a start that was kept: nothing stands in for an exit.
            if record.state == .exited { pod.keptRecords.forget(record.name) }
        } catch {
            try pod.keptRecords.keep(record)
            outcome = .kept(because: error)
        }
        publishUnlessTold(record)
        return outcome
    }

    /// The same beside whoever writes records, where the disk has not answered for some time.
    func keepExit(_ record: AppRecord, because cause: EngineError) throws(EngineError) -> Outcome {
        try pod.keptRecords.keep(record)
        disown(record)
        publish(.app(pod: pod.uuid, record))
        return .kept(because: cause)
    }

    /// Nothing that is written of the app from now on is told.
    func disown(_ record: AppRecord) { told.withLock { _ = $0.insert(Told(record)) } }

    /// Once more, of one that was kept; false when there is still no room.
    func rewriteExit(_ record: AppRecord) -> Bool {
        guard (try? pod.writeApp(record, durability: .durable)) != nil else { return false }
        pod.keptRecords.forget(record.name)
        return true
    }

    /// An event that cannot be written must not undo what it tells of: readers find out that one is missing.
    func publish(_ event: EngineEvent) {
        if case .appRemoved(_, let name) = event { told.withLock { $0 = $0.filter { $0.name != name } } }
        let failure: EngineError? = events.withLock { events in
            do throws(EngineError) {
                try events.append(event)
                return nil
            } catch {
                return error
            }
        }
        if let failure { StandardError.write("pod \(pod.uuid): cannot write an event: \(failure.message)") }
    }
}
