import Dispatch
import Synchronization

/// The main thread, as the place where a command's task runs.
///
/// Dispatch's own main queue is no such place: `dispatchMain()` ends the main thread, for which the unwinder of a static program sorts the tables of
/// all its functions, which takes longer than all else that a command does.
@globalActor
actor MainLoop {
    static let shared = MainLoop()
    static let jobs = Jobs()

    nonisolated var unownedExecutor: UnownedSerialExecutor { Self.jobs.asUnownedSerialExecutor() }

    /// Jobs in the order in which they came.
    final class Jobs: SerialExecutor {
        private let waiting = Mutex<[UnownedJob]>([])
        private let arrival = DispatchSemaphore(value: 0)

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            waiting.withLock { $0.append(job) }
            arrival.signal()
        }

        /// Runs them on the calling thread, for as long as there is a process.
        func run() -> Never {
            while true {
                arrival.wait()
                let job = waiting.withLock { $0.removeFirst() }
                job.runSynchronously(on: asUnownedSerialExecutor())
            }
        }
    }
}
