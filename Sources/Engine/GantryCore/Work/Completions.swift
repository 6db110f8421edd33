import CGantry
import Glibc
import Synchronization

/// Carries the results of jobs from the threads that did them to the loop.
final class Completions: Sendable {
    struct Result: Sendable {
        let ticket: UInt64
        let value: any Sendable
    }

    /// Readable when there is something to take; owned.
    let wakeDescriptor: Int32
    private let results = Mutex<[Result]>([])

    init() throws(EngineError) {
        wakeDescriptor = gantry_eventfd()
        guard wakeDescriptor >= 0 else { throw .posix("make an event descriptor", errno) }
    }

    deinit { close(wakeDescriptor) }

    func put(_ result: Result) {
        let isFirst = results.withLock { results in
            results.append(result)
            return results.count == 1
        }
        if isFirst { gantry_event_set(wakeDescriptor) }
    }

    /// What has been done since, in order.
    func take() -> [Result] {
        gantry_event_clear(wakeDescriptor)
        return results.withLock { results in
            let taken = results
            results = []
            return taken
        }
    }
}
