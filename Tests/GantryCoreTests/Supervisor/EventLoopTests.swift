import Glibc
import Testing

@testable import GantryCore

@Suite(.timeLimit(.minutes(10)))
struct EventLoopTests {
    private let loop: EventLoop

    init() throws { loop = try EventLoop() }

    @Test func `Timers fire in order, a few in a turn, and what is cancelled is gone at once`() throws {
        var fired: [Int] = []
        var timers: [EventLoop.Timer] = []
        for number in 0..<1000 { timers.append(loop.after(Int64(number % 7)) { fired.append(number) }) }
        for number in stride(from: 0, to: 1000, by: 2) { timers[number].cancel() }
        while fired.count < 500 {
            let before = fired.count
            try loop.turn()
            #expect(fired.count - before <= LoopMeter.Bound.timers)
        }
        #expect(fired.allSatisfy { $0 % 2 == 1 } && Set(fired).count == 500)
        #expect(loop.timerCount == 0)
    }

    @Test func `Timers that were cancelled do not pile up`() {
        for _ in 0..<10_000 { loop.after(3_600_000_000_000) {}.cancel() }
        #expect(loop.timerCount == 0)
    }

    @Test func `Later steps are bounded in a turn and keep their order`() throws {
        var done: [Int] = []
        for number in 0..<100 { loop.soon("test") { done.append(number) } }
        try loop.turn()
        #expect(done == Array(0..<LoopMeter.Bound.soon))
        while done.count < 100 { try loop.turn() }
        #expect(done == Array(0..<100))
    }

    @Test func `A step that always comes again does not keep the others from theirs`() throws {
        let pipe = try Pipe()
        var (greedy, heard) = (0, 0)
        func again() {
            greedy += 1
            loop.soon("greedy") { again() }
        }
        again()
        try loop.watch(pipe.reader.raw, .read, "test") {
            heard += 1
            loop.unwatch(pipe.reader.raw)
        }
        #expect(write(pipe.writer.raw, "x", 1) == 1)
        try loop.turn()
        #expect(heard == 1 && greedy == 2)
    }

    @Test func `The meter tells the longest step, what it was and how much it did`() throws {
        loop.soon("short") {}
        loop.soon("long") { [loop] in
            var sum = 0
            for number in 0..<3_000_000 { sum = sum &* 31 &+ number }
            loop.meter.count(.bytes, 100 + sum % 1)
        }
        loop.soon("count") { [loop] in loop.meter.count(.bytes, 60) }
        try loop.turn()
        #expect(loop.meter.steps == 3 && loop.meter.turns == 1)
        #expect(loop.meter.longestName == "long" && loop.meter.longest > 100_000)
        #expect(loop.meter.json["most_in_a_step"]?["bytes"] == 100)
        loop.meter.reset()
        #expect(loop.meter.steps == 0 && loop.meter.longest == 0)
    }
}
