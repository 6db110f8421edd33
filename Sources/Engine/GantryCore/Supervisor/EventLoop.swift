import CGantry
import Glibc

/// The supervisor's one thread: descriptors and timers, each with what is to happen.
package final class EventLoop {
    package enum Interest {
        case read, write
        /// Only that the other side is gone.
        case hangup

        var mask: UInt32 {
            switch self {
            case .read: EPOLLIN.rawValue | EPOLLRDHUP.rawValue
            case .write: EPOLLOUT.rawValue | EPOLLRDHUP.rawValue
            case .hangup: EPOLLRDHUP.rawValue
            }
        }
    }

    private struct Watch {
        let generation: UInt32
        let handler: () -> Void
    }

    private let epoll: Descriptor
    private var watches: [Int32: Watch] = [:]
    private var generation: UInt32 = 0
    private var timers: [Timer] = []
    private var isStopped = false

    package init() throws(EngineError) {
        epoll = try Descriptor(epoll_create1(Int32(EPOLL_CLOEXEC)), "make an epoll descriptor")
    }

    // MARK: Descriptors

    /// Calls `handler` whenever the descriptor is ready or its other side is gone. Take it out with `unwatch` before it is closed.
    package func watch(_ fd: Int32, _ interest: Interest, _ handler: @escaping () -> Void) throws(EngineError) {
        generation &+= 1
        let isNew = watches[fd] == nil
        var event = epoll_event()
        event.events = interest.mask
        // A descriptor that is closed and opened anew while events are being handed out must not get those of the old one.
        event.data.u64 = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: fd))
        guard epoll_ctl(epoll.raw, isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) == 0 else {
            throw .posix("watch descriptor \(fd)", errno)
        }
        watches[fd] = Watch(generation: generation, handler: handler)
    }

    package func unwatch(_ fd: Int32) {
        guard watches.removeValue(forKey: fd) != nil else { return }
        var event = epoll_event()
        epoll_ctl(epoll.raw, EPOLL_CTL_DEL, fd, &event)
    }

    // MARK: Timers

    package final class Timer {
        fileprivate let deadline: Int64
        fileprivate var handler: (() -> Void)?

        fileprivate init(deadline: Int64, handler: @escaping () -> Void) {
            self.deadline = deadline
            self.handler = handler
        }

        package func cancel() { handler = nil }
    }

    /// Calls `handler` once, after so many nanoseconds.
    @discardableResult
    package func after(_ nanoseconds: Int64, _ handler: @escaping () -> Void) -> Timer {
        let (sum, overflow) = Clock.monotonic().addingReportingOverflow(max(0, nanoseconds))
        let timer = Timer(deadline: overflow ? Int64.max : sum, handler: handler)
        timers.append(timer)
        return timer
    }

    private func fireTimers() {
        guard !timers.isEmpty else { return }
        let now = Clock.monotonic()
        let due = timers.filter { $0.deadline <= now }.sorted { $0.deadline < $1.deadline }
        timers.removeAll { $0.deadline <= now || $0.handler == nil }
        for timer in due {
            let handler = timer.handler
            timer.handler = nil
            handler?()
        }
    }

    private var milliseconds: Int32 {
        let next = timers.lazy.filter { $0.handler != nil }.map(\.deadline).min()
        guard let next else { return -1 }
        let left = next - Clock.monotonic()
        return left <= 0 ? 0 : Int32(clamping: (left + 999_999) / 1_000_000)
    }

    // MARK: Running

    package func run() throws(EngineError) {
        while !isStopped { try turn() }
    }

    package func stop() { isStopped = true }

    private func turn() throws(EngineError) {
        let failure: Int32? = withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 64) { events in
            let count = epoll_wait(epoll.raw, events.baseAddress, 64, milliseconds)
            guard count >= 0 else { return errno == EINTR ? nil : errno }
            for index in 0..<Int(count) {
                let data = events[index].data.u64
                let fd = Int32(truncatingIfNeeded: data & 0xffff_ffff)
                guard let watch = watches[fd], watch.generation == UInt32(data >> 32) else { continue }
                watch.handler()
            }
            return nil
        }
        if let failure { throw .posix("wait for events", failure) }
        fireTimers()
    }
}
