import Domain
import DomainFakes
import Synchronization
import Testing
import Waiting

/// What tasks wrote, in order.
private final class Ledger: Sendable {
    private let state = Mutex<[Int]>([])
    func write(_ line: Int) { state.withLock { $0.append(line) } }
    var lines: [Int] { state.withLock { $0 } }
}

@Suite("InFlight", .timeLimit(.minutes(10)))
struct InFlightTests {
    @Test("Work that is to be finished can be joined after all its callers have left")
    func finish() async throws {
        let flights = InFlight<Int, Bool, Int>(whenAbandoned: .finish)
        let gate = Gate()
        let runs = Ledger()
        let work: @Sendable () async throws(DomainError) -> Int = { () throws(DomainError) in
            runs.write(1)
            try await gate.pass()
            return 7
        }
        let first = Task { try await flights.run(1, work: work) }
        await gate.arrival()
        first.cancel()
        await expectError(.cancelled) { _ = try await first.value }
        let second = Task { try await flights.run(1, work: work) }
        try await flights.callers(1)
        gate.open()
        #expect(try await second.value == 7)
        #expect(runs.lines == [1])
    }

    @Test("A caller whose task is cancelled before it calls starts nothing")
    func cancelledBefore() async {
        let flights = InFlight<Int, Bool, Int>(whenAbandoned: .cancel)
        let gate = Gate()
        let call = Task {
            try? await Gate().pass()
            return try await flights.run(1) { () throws(DomainError) in
                try await gate.pass()
                return 1
            }
        }
        call.cancel()
        await expectError(.cancelled) { _ = try await call.value }
        #expect(flights.keys.isEmpty)
    }

    @Test("A waiter for an abandoned flight can leave too, and an error reaches every caller")
    func waiterLeaves() async throws {
        let flights = InFlight<Int, Bool, Int>(whenAbandoned: .cancel)
        let gate = Gate(heedsCancellation: false)
        let work: @Sendable () async throws(DomainError) -> Int = { () throws(DomainError) in
            try await gate.pass()
            throw broken
        }
        let first = Task { try await flights.run(1, work: work) }
        await gate.arrival()
        first.cancel()
        await expectError(.cancelled) { _ = try await first.value }
        let waiter = Task { try await flights.run(1, work: work) }
        let other = Task { try await flights.run(1, work: work) }
        try await flights.callers(2)
        waiter.cancel()
        await expectError(.cancelled) { _ = try await waiter.value }
        gate.open()
        await expectError(.unavailable) { _ = try await other.value }
    }

    @Test("A flight whose callers ran out of time goes on, and a retry joins it")
    func lingers() async throws {
        let clock = ManualClock()
        let flights = InFlight<Int, Bool, Int>(whenAbandoned: .linger(Patience(.seconds(30), on: clock)))
        let gate = Gate()
        let runs = Ledger()
        let work: @Sendable () async throws(DomainError) -> Int = { () throws(DomainError) in
            runs.write(1)
            try await gate.pass()
            return 7
        }
        let late = CallDeadline.$current.withValue(CallDeadline { true }) {
            Task { try await flights.run(1, work: work) }
        }
        await gate.arrival()
        late.cancel()
        await expectError(.cancelled) { _ = try await late.value }
        await clock.sleeper(within: .seconds(30))
        let retry = Task { try await flights.run(1, work: work) }
        try await flights.callers(1)
        clock.advance(by: .seconds(31))
        gate.open()
        #expect(try await retry.value == 7)
        #expect(runs.lines == [1])
    }

    @Test("A flight whose callers ran out of time is cancelled when nobody comes again")
    func lingersInVain() async throws {
        let clock = ManualClock()
        let flights = InFlight<Int, Bool, Int>(whenAbandoned: .linger(Patience(.seconds(30), on: clock)))
        let gate = Gate()
        let call = CallDeadline.$current.withValue(CallDeadline { true }) {
            Task {
                try await flights.run(1) { () throws(DomainError) in
                    try await gate.pass()
                    return 1
                }
            }
        }
        await gate.arrival()
        call.cancel()
        await expectError(.cancelled) { _ = try await call.value }
        await clock.sleeper(within: .seconds(30))
        clock.advance(by: .seconds(30))
        try await flights.gone { $0 == 1 }
    }

    @Test("A failure can be told before the work ends; who comes meanwhile waits for the end and starts anew")
    func earlyFailure() async throws {
        let flights = InFlight<Int, Bool, Int>(whenAbandoned: .cancel)
        let (undo, runs) = (Gate(), Ledger())
        let work: @Sendable () async throws(DomainError) -> Int = { () throws(DomainError) in
            runs.write(1)
            guard runs.lines.count == 1 else { return 7 }
            flights.earlyFailure(of: 1)(broken)
            try await undo.pass()
            throw broken
        }
        await expectError(.unavailable) { _ = try await flights.run(1, work: work) }
        let retry = Task { try await flights.run(1, work: work) }
        try await flights.callers(1)
        #expect(runs.lines == [1])
        undo.open()
        #expect(try await retry.value == 7)
    }

    @Test("A key that is occupied is waited for")
    func occupied() async throws {
        let flights = InFlight<Int, Bool, Int>(whenAbandoned: .cancel)
        let gate = Gate()
        let work: @Sendable () async throws(DomainError) -> Int = { () throws(DomainError) in
            try await gate.pass()
            return 1
        }
        #expect(flights.occupy(1, request: true, work: work))
        #expect(!flights.occupy(1, request: true, work: work))
        let call = Task { try await flights.run(1) { () throws(DomainError) in 2 } }
        try await flights.callers(1)
        gate.open()
        #expect(try await call.value == 2)
    }

    @Test("Keys do not hinder each other")
    func keys() async throws {
        let flights = InFlight<Int, Bool, Int>(whenAbandoned: .cancel)
        let gate = Gate()
        let first = Task {
            try await flights.run(1) { () throws(DomainError) in
                try await gate.pass()
                return 1
            }
        }
        await gate.arrival()
        #expect(try await flights.run(2) { () throws(DomainError) in 2 } == 2)
        gate.open()
        #expect(try await first.value == 1)
    }
}

@Suite("PodLocks", .timeLimit(.minutes(10)))
struct PodLocksTests {
    let locks = PodLocks()
    let pod = PodID.fake(1)

    @Test("One at a time, in the order they came")
    func fifo() async throws {
        try await locks.acquire(pod)
        let order = Ledger()
        var tasks: [Task<Void, any Error>] = []
        for number in 0..<20 {
            tasks.append(
                Task {
                    try await locks.acquire(pod)
                    order.write(number)
                    locks.release(pod)
                })
            try await locks.queue(number + 1, of: pod)
        }
        locks.release(pod)
        for task in tasks { try await task.value }
        #expect(order.lines == Array(0..<20))
        #expect(locks.waiters(pod) == nil)
    }

    @Test("A cancelled waiter leaves the queue and never owns the lock; other pods are free")
    func cancelled() async throws {
        try await locks.acquire(pod)
        let waiter = Task {
            try await locks.withLock(pod) { () throws(DomainError) in _ = Issue.record("it got the lock") }
        }
        try await locks.queue(1, of: pod)
        waiter.cancel()
        await expectError(.cancelled, naming: pod.rawValue) { try await waiter.value }
        #expect(locks.waiters(pod) == 0)
        try await locks.withLock(.fake(2)) { () throws(DomainError) in }
        locks.release(pod)
        #expect(locks.waiters(pod) == nil)
    }

    @Test("An error inside releases the lock")
    func error() async throws {
        await expectError(.unavailable) { try await locks.withLock(pod) { () throws(DomainError) in throw broken } }
        #expect(locks.waiters(pod) == nil)
    }
}

@Suite("TimeBudget", .timeLimit(.minutes(10)))
struct TimeBudgetTests {
    let clock = ManualClock()
    var budget: TimeBudget { TimeBudget(.seconds(5), on: clock) }

    @Test("Work within the budget has its own outcome")
    func within() async throws {
        #expect(try await budget.run("x") { () throws(DomainError) in 3 } == 3)
        await expectError(.unavailable) {
            _ = try await budget.run("x") { () throws(DomainError) -> Int in throw broken }
        }
    }

    @Test("Work past the budget is cancelled, and the error says what took too long")
    func past() async throws {
        let gate = Gate()
        let call = Task { try await budget.run("knitting") { () throws(DomainError) in try await gate.pass() } }
        await gate.arrival()
        await clock.sleeper()
        clock.advance(by: .seconds(4))
        clock.advance(by: .seconds(1))
        await expectError(.deadlineExceeded, naming: "knitting") { try await call.value }
    }

    @Test("A caller's cancellation is no timeout")
    func cancelled() async throws {
        let gate = Gate()
        let call = Task { try await budget.run("x") { () throws(DomainError) in try await gate.pass() } }
        await gate.arrival()
        call.cancel()
        await expectError(.cancelled) { try await call.value }
    }

    @Test("Work that succeeds in spite of its cancellation has succeeded")
    func lateSuccess() async throws {
        let gate = Gate(heedsCancellation: false)
        let cancellations = Ledger()
        let call = Task {
            try await budget.run("x") { () throws(DomainError) in
                await withTaskCancellationHandler {
                    try? await gate.pass()
                } onCancel: {
                    cancellations.write(1)
                }
                return Task.isCancelled
            }
        }
        await gate.arrival()
        await clock.sleeper()
        clock.advance(by: .seconds(5))
        try await until("the cancellation of the work") { cancellations.lines == [1] }
        gate.open()
        #expect(try await call.value)
    }
}

@Suite("EventBroadcaster", .timeLimit(.minutes(10)))
struct EventBroadcasterTests {
    func event(_ number: Int) -> ContainerEvent {
        ContainerEvent(objectID: "\(number)", kind: .created, at: .never, pod: nil, containers: [])
    }

    @Test("An event is in memory once, however many subscribers have it before them")
    func size() { #expect(MemoryLayout<ContainerEvent>.size <= MemoryLayout<Int>.size) }

    @Test("A slow subscriber gets what it was owed and then an error; another gets everything")
    func slow() async throws {
        let broadcaster = EventBroadcaster(buffer: 3)
        let slow = broadcaster.subscribe()
        var fast = broadcaster.subscribe().makeAsyncIterator()
        for number in 0..<10 {
            broadcaster.publish([event(number)])
            #expect(try await fast.next()?.objectID == "\(number)")
        }
        var heard: [String] = []
        await expectError(.resourceExhausted, naming: "behind") {
            for try await event in slow { heard.append(event.objectID) }
        }
        #expect(heard == ["0", "1", "2"])
    }

    @Test("A subscriber who goes is forgotten, and closing ends everyone")
    func leave() async throws {
        let broadcaster = EventBroadcaster()
        var stream: AsyncThrowingStream<ContainerEvent, any Error>? = broadcaster.subscribe()
        #expect(broadcaster.hasSubscribers)
        _ = stream
        stream = nil
        #expect(!broadcaster.hasSubscribers)
        var other = broadcaster.subscribe().makeAsyncIterator()
        broadcaster.close()
        #expect(try await other.next() == nil)
        var late = broadcaster.subscribe().makeAsyncIterator()
        #expect(try await late.next() == nil)
    }
}
