import CGantry
import Glibc

/// The supervisor's loop: descriptors and timers, each with what is to happen. All state of the pod is this one thread's; what may wait for
/// a disk, or grow with what a container does, is done beside it (`Offload`).
///
/// A turn has a bounded number of steps, and whoever has more to do than a step's bound (`LoopMeter.Bound`) comes again in a later one.
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
        let name: StaticString
        let handler: () -> Void
    }

    private let epoll: Descriptor
    private var watches: [Int32: Watch] = [:]
    private var generation: UInt32 = 0
    private var timers = TimerHeap()
    private var ready: [(name: StaticString, handler: () -> Void)] = []
    private var timerNumber: UInt64 = 0
    private var isStopped = false
    package var meter = LoopMeter()

    package init() throws(EngineError) {
        epoll = try Descriptor(epoll_create1(Int32(EPOLL_CLOEXEC)), "make an epoll descriptor")
    }

    // MARK: Descriptors

    /// Calls `handler` whenever the descriptor is ready or its other side is gone. Take it out with `unwatch` before it is closed.
    /// - Parameter name: of the step, for whoever measures.
    package func watch(
        _ fd: Int32, _ interest: Interest, _ name: StaticString, _ handler: @escaping () -> Void
    ) throws(EngineError) {
        generation &+= 1
        let isNew = watches[fd] == nil
        var event = epoll_event()
        event.events = interest.mask
        // A descriptor that is closed and opened anew while events are being handed out must not get those of the old one.
        event.data.u64 = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: fd))
        guard epoll_ctl(epoll.raw, isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) == 0 else {
            throw .posix("watch descriptor \(fd)", errno)
        }
        watches[fd] = Watch(generation: generation, name: name, handler: handler)
    }

    package func unwatch(_ fd: Int32) {
        guard watches.removeValue(forKey: fd) != nil else { return }
        var event = epoll_event()
        epoll_ctl(epoll.raw, EPOLL_CTL_DEL, fd, &event)
    }

    // MARK: Timers

    package final class Timer {
        fileprivate let deadline: Int64
        fileprivate let number: UInt64
        fileprivate var handler: (() -> Void)?
        fileprivate weak var loop: EventLoop?
        /// In the heap; -1: in none.
        var place = -1

        fileprivate init(deadline: Int64, number: UInt64, loop: EventLoop, handler: @escaping () -> Void) {
            self.deadline = deadline
            self.number = number
            self.loop = loop
            self.handler = handler
        }

        /// Whether it has neither fired nor been cancelled.
        package var isSet: Bool { handler != nil }

        package func cancel() {
            handler = nil
            loop?.timers.remove(self)
        }

        /// Of equal ones, that which was set first.
        func isBefore(_ other: Timer) -> Bool { (deadline, number) < (other.deadline, other.number) }
    }

    /// Calls `handler` once, after so many nanoseconds.
    @discardableResult
    package func after(_ nanoseconds: Int64, _ handler: @escaping () -> Void) -> Timer {
        let (sum, overflow) = Clock.monotonic().addingReportingOverflow(max(0, nanoseconds))
        timerNumber += 1
        let timer = Timer(deadline: overflow ? Int64.max : sum, number: timerNumber, loop: self, handler: handler)
        timers.insert(timer)
        return timer
    }

    /// How many are set.
    var timerCount: Int { timers.count }

    private func fireTimers() {
        guard timers.count > 0 else { return }
        let now = Clock.monotonic()
        for _ in 0..<LoopMeter.Bound.timers {
            guard let timer = timers.first, timer.deadline <= now else { return }
            timers.remove(timer)
            let handler = timer.handler
            timer.handler = nil
            handler?()
            meter.end("timer")
        }
    }

    private var milliseconds: Int32 {
        if !ready.isEmpty { return 0 }
        guard let next = timers.first?.deadline else { return -1 }
        let left = next - Clock.monotonic()
        return left <= 0 ? 0 : Int32(clamping: (left + 999_999) / 1_000_000)
    }

    // MARK: Later steps

    /// Calls `handler` in a step of its own, soon, but after those that wait already.
    package func soon(_ name: StaticString, _ handler: @escaping () -> Void) { ready.append((name, handler)) }

    private func runReady() {
        guard !ready.isEmpty else { return }
        let now = ready.prefix(LoopMeter.Bound.soon)
        ready.removeFirst(now.count)
        for step in now {
            step.handler()
            meter.end(step.name)
        }
    }

    // MARK: Running

    package func run() throws(EngineError) {
        while !isStopped { try turn() }
    }

    package func stop() { isStopped = true }

    /// Waits for something to happen and does it: for tests, too.
    func turn() throws(EngineError) {
        let bound = LoopMeter.Bound.events
        let failure: Int32? = withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: bound) { events in
            let count = epoll_wait(epoll.raw, events.baseAddress, Int32(bound), milliseconds)
            let number = errno
            meter.begin()
            guard count >= 0 else { return number == EINTR ? nil : number }
            for index in 0..<Int(count) {
                let data = events[index].data.u64
                let fd = Int32(truncatingIfNeeded: data & 0xffff_ffff)
                guard let watch = watches[fd], watch.generation == UInt32(data >> 32) else { continue }
                watch.handler()
                meter.end(watch.name)
            }
            return nil
        }
        if let failure { throw .posix("wait for events", failure) }
        fireTimers()
        runReady()
    }
}
