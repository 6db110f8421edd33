import CGantry
import Glibc
import Synchronization

/// Does jobs one after the other beside the loop, on a thread that is there only while there is something to do, and a moment longer.
///
/// A job may wait for a disk. Whatever it touches is its own, or says of itself that threads may share it.
package final class Worker: Sendable {
    package typealias Job = @Sendable () -> Void

    private struct State {
        var jobs: [Job] = []
        /// Those before have been done.
        var next = 0
        var hasThread = false
        /// Wakes the thread while it waits for a job; -1 while there is no thread.
        var wake: Int32 = -1
    }

    private let state = Mutex(State())

    /// How long a thread waits for another job, in milliseconds: bursts are not to pay for a thread each time.
    private static let patience: Int32 = 500

    package init() {}

    /// Takes a job. False when there is no thread to be had (the pod's processes are at their limit): call `runHere` then.
    package func add(_ job: @escaping Job) -> Bool {
        let isServed = state.withLock { state in
            state.jobs.append(job)
            guard state.hasThread else { return false }
            if state.wake >= 0 { gantry_event_set(state.wake) }
            return true
        }
        return isServed || startThread()
    }

    var hasThread: Bool { state.withLock(\.hasThread) }

    /// Does the next job where there is no thread for it; false when there is none.
    package func runHere() -> Bool {
        let job: Job? = state.withLock { state in state.hasThread ? nil : Self.pop(&state) }
        job?()
        return job != nil
    }

    private func startThread() -> Bool {
        state.withLock { state in
            state.hasThread = true
            state.wake = gantry_eventfd()
        }
        let context = Unmanaged.passRetained(self)
        let result = gantry_thread(
            { context in
                guard let context else { return }
                Unmanaged<Worker>.fromOpaque(context).takeRetainedValue().serve()
            }, context.toOpaque())
        if result == 0 { return true }
        context.release()
        state.withLock { Self.endThread(&$0) }
        return false
    }

    // MARK: On the thread

    private func serve() {
        while let job = next() { job() }
    }

    /// Waits for one; nil: the thread is to end, and the state says so already.
    private func next() -> Job? {
        var isLate = false
        while true {
            let (job, wake): (Job?, Int32) = state.withLock { state in
                if let job = Self.pop(&state) { return (job, -1) }
                if isLate || state.wake < 0 {
                    Self.endThread(&state)
                    return (nil, -1)
                }
                return (nil, state.wake)
            }
            if job != nil || wake < 0 { return job }
            var polled = pollfd(fd: wake, events: Int16(POLLIN), revents: 0)
            isLate = poll(&polled, 1, Self.patience) == 0
            gantry_event_clear(wake)
        }
    }

    private static func pop(_ state: inout State) -> Job? {
        guard state.next < state.jobs.count else {
            state.jobs = []
            state.next = 0
            return nil
        }
        let job = state.jobs[state.next]
        state.jobs[state.next] = {}
        state.next += 1
        return job
    }

    private static func endThread(_ state: inout State) {
        state.hasThread = false
        if state.wake >= 0 { close(state.wake) }
        state.wake = -1
    }
}
