import GRPCCore
import NIOCore
import RequestMemory
import Synchronization
import Testing

@testable import GRPCTransport

@Suite("The memory that the requests of all connections share", .timeLimit(.minutes(10)))
struct RequestBudgetTests {
    private static let mebibyte = 1024 * 1024
    private let budget = RequestBudget(limit: 128 * mebibyte, patience: .milliseconds(250))
    private let evicted = Evicted()

    private func at(_ milliseconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .milliseconds(milliseconds) }

    private func holding(_ number: Int) -> RequestHolding {
        budget.holding { [evicted] in evicted.add(number) }
    }

    /// Requests that have begun at the times that are given, each with so many MiB of a message.
    private func fill(_ count: Int, mebibytes: Int, from start: Int64 = 0) -> [RequestHolding] {
        (0..<count).map { number in
            let holding = holding(number)
            #expect(holding.grow(by: mebibytes * Self.mebibyte, now: at(start + Int64(number))))
            return holding
        }
    }

    @Test("is bounded, however many there are, and what is given back is there again")
    func bound() {
        let holdings = (0..<1000).map { holding($0) }
        let admitted = holdings.filter { $0.grow(by: Self.mebibyte, now: at(0)) }
        #expect(admitted.count == 127)
        #expect(budget.used <= 128 * Self.mebibyte)
        for holding in admitted { holding.release(Self.mebibyte) }
        #expect(budget.used == 0)
        #expect(evicted.numbers.isEmpty)
    }

    @Test("goes to who comes with a whole message when others only hold on to it; the oldest make way")
    func eviction() {
        let holders = fill(15, mebibytes: 8)
        let honest = holding(100)
        for piece in 0..<1024 as Range<Int64> {
            #expect(honest.grow(by: 16 * 1024, now: at(300 + piece / 10)))
            #expect(budget.used <= 128 * Self.mebibyte)
        }
        #expect(evicted.numbers == [0, 1])
        // Those are off the account: that they drop what they had is nothing new to it.
        let used = budget.used
        holders[0].release(8 * Self.mebibyte)
        #expect(budget.used == used)
    }

    @Test("is not taken from who has it for less than the patience: until then a newcomer is refused")
    func patience() {
        let holders = fill(15, mebibytes: 8)
        let newcomer = holding(100)
        #expect(!newcomer.grow(by: 16 * Self.mebibyte, now: at(249)))
        #expect(newcomer.grow(by: 16 * Self.mebibyte, now: at(264)))
        #expect(evicted.numbers.prefix(1) == [0])
        _ = holders
    }

    @Test("is not kept by a byte now and then")
    func trickle() {
        let holders = fill(15, mebibytes: 8)
        for step in 0..<100 as Range<Int64> {
            for holder in holders { #expect(holder.grow(by: 1, now: at(20 + 3 * step))) }
        }
        // The last byte is younger than the patience.
        #expect(holding(100).grow(by: 16 * Self.mebibyte, now: at(400)))
        #expect(!evicted.numbers.isEmpty)
    }

    @Test("is kept by who makes progress, though it began first")
    func progress() {
        let first = holding(99)
        #expect(first.grow(by: 2 * Self.mebibyte, now: at(-1000 + 1000)))
        let others = fill(15, mebibytes: 8, from: 10)
        first.taken(Self.mebibyte, now: at(390))
        #expect(holding(100).grow(by: 16 * Self.mebibyte, now: at(400)))
        #expect(!evicted.numbers.contains(99))
        _ = others
    }

    @Test("has a reserve for small requests, which is bounded as well")
    func reserve() {
        let holders = fill(15, mebibytes: 8) + fill(7, mebibytes: 1)
        let large = holding(100)
        #expect(!large.grow(by: Self.mebibyte, now: at(100)))
        let small = (0..<1000).map { holding(1000 + $0) }
        let admitted = small.filter { $0.grow(by: 40 * 1024, now: at(100)) }
        #expect(admitted.count > 200)
        #expect(budget.used <= (128 + 16) * Self.mebibyte)
        // One that grows beyond is no small one any more.
        #expect(admitted.first?.grow(by: 20 * 1024, now: at(100)) == false)
        _ = holders
    }

    @Test("is not looked through for each piece: as many pieces as it likes cost the holders' number a few times")
    func work() {
        let holders = (0..<10_000).map { holding($0) }
        for holder in holders { #expect(holder.grow(by: 4 * 1024, now: at(0))) }
        let newcomers = (0..<100_000).map { holding(10_000 + $0) }
        var admitted = 0
        for newcomer in newcomers where newcomer.grow(by: 128 * 1024, now: at(100)) { admitted += 1 }
        #expect(admitted < 128)
        #expect(budget.looks <= 2)
    }

    @Test("counts what a message takes, not what its length promises, and no more than the message")
    func deframing() throws {
        var deframer = MessageDeframer(limit: 16 * Self.mebibyte, encoding: .identity)
        var prefix = ByteBuffer(bytes: [0, 1, 0, 0, 0])
        #expect(try deframer.decode(&prefix) == nil)
        #expect(deframer.bufferedBytes < 100)
        var largest = 0
        for _ in 0..<1024 {
            var piece = ByteBuffer(repeating: 7, count: 16 * 1024)
            if try deframer.decode(&piece) == nil { largest = max(largest, deframer.bufferedBytes) }
        }
        #expect(largest < 16 * Self.mebibyte + 8192)
        #expect(deframer.bufferedBytes == 0)
    }
}

private final class Evicted: Sendable {
    private let state = Mutex<[Int]>([])
    var numbers: [Int] { state.withLock { $0 } }
    func add(_ number: Int) { state.withLock { $0.append(number) } }
}
