import Glibc
import Synchronization
import Testing

@testable import GantryCore

/// Turns the loop until a condition holds; a hang is a failure.
func turn(_ loop: EventLoop, until condition: () -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while !condition() {
        try #require(ContinuousClock.now < deadline, "it did not happen")
        let tick = loop.after(50_000_000) {}
        try loop.turn()
        tick.cancel()
    }
}

@Suite(.timeLimit(.minutes(10)))
struct OffloadTests {
    private let loop: EventLoop
    private let work: Offload

    init() throws {
        loop = try EventLoop()
        work = try Offload(loop: loop)
    }

    @Test func `Jobs of one worker are done in order, and told of in order`() throws {
        let worker = Worker()
        let done = Mutex<[Int]>([])
        var told: [Int] = []
        for number in 0..<200 {
            work.run(worker, "test", { done.withLock { $0.append(number) } }) { told.append(number) }
        }
        try turn(loop) { told.count == 200 }
        #expect(told == Array(0..<200) && done.withLock { $0 } == told)
        #expect(work.pending == 0)
    }

    @Test func `A job that waits holds up neither the loop nor another worker`() throws {
        let (stuck, free) = (Worker(), Worker())
        let gate = try Pipe()
        let reader = gate.reader.raw
        var (first, other) = (false, false)
        work.run(
            stuck, "stuck",
            {
                var byte: UInt8 = 0
                _ = read(reader, &byte, 1)
            }
        ) { first = true }
        work.run(free, "free", {}) { other = true }
        try turn(loop) { other }
        #expect(!first)
        #expect(write(gate.writer.raw, "x", 1) == 1)
        try turn(loop) { first }
    }

    @Test func `A failure is handed on`() throws {
        var seen: EngineError?
        work.attempt(Worker(), "test", { () throws(EngineError) -> Int in throw EngineError(.exhausted, "no room") }) {
            if case .failure(let error) = $0 { seen = error }
        }
        try turn(loop) { seen != nil }
        #expect(seen?.code == .exhausted)
    }

    @Test func `A thread ends when there has been nothing to do for a while, and another does the next job`() throws {
        let worker = Worker()
        var told = 0
        work.run(worker, "test", {}) { told += 1 }
        try turn(loop) { told == 1 }
        try turn(loop) { !worker.hasThread }
        work.run(worker, "test", {}) { told += 1 }
        try turn(loop) { told == 2 }
    }

    @Test func `A job that waits for too long is gone on without, and told of later`() throws {
        let worker = Worker()
        let gate = try Pipe()
        let reader = gate.reader.raw
        var (first, late): (Int?, Int?) = (0, nil)
        work.run(
            worker, "stuck", within: 50_000_000,
            {
                var byte: UInt8 = 0
                return read(reader, &byte, 1)
            }, then: { first = $0 }, late: { late = $0 })
        try turn(loop) { first == nil }
        #expect(late == nil)
        #expect(write(gate.writer.raw, "x", 1) == 1)
        try turn(loop) { late == 1 }
    }

    @Test func `A job that ends in time is told of once`() throws {
        var told: [Int?] = []
        var late = false
        work.run(Worker(), "quick", within: 50_000_000, { 7 }, then: { told.append($0) }, late: { _ in late = true })
        try turn(loop) { !told.isEmpty }
        #expect(loop.timerCount == 0)
        #expect(told == [7] && !late)
    }
}
