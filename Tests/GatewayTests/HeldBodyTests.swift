import NIOCore
import RequestMemory
import Testing
import Waiting

@testable import Gateway

@Suite("The bodies of all connections", .timeLimit(.minutes(10)))
struct HeldBodyTests {
    private static let mebibyte = 1 << 20
    private let budget = RequestBudget(limit: 8 * mebibyte, patience: .milliseconds(250))

    private func body() -> HeldBody { HeldBody(limit: 2 * Self.mebibyte, budget: budget) }

    /// So many pieces of a mebibyte, and then nothing more until it is ended.
    private func pieces(_ count: Int) -> (
        AsyncThrowingStream<ByteBuffer, any Error>, AsyncThrowingStream<ByteBuffer, any Error>.Continuation
    ) {
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: ByteBuffer.self, throwing: (any Error).self)
        for _ in 0..<count { continuation.yield(ByteBuffer(repeating: 0x20, count: Self.mebibyte)) }
        return (stream, continuation)
    }

    @Test("are handed over once, whole, and are off the account when they are parsed")
    func whole() async throws {
        do {
            let held = body()
            let (stream, continuation) = pieces(2)
            continuation.finish()
            try await held.collect(stream)
            #expect(held.count == 2 * Self.mebibyte && budget.used > 2 * Self.mebibyte)
            #expect(try held.take().count == 2 * Self.mebibyte)
            #expect(throws: Problem.self) { try held.take() }
        }
        #expect(budget.used == 0)
    }

    @Test("are refused alone when one has more than it may")
    func tooLarge() async throws {
        let (stream, _) = pieces(3)
        let held = body()
        let problem = await #expect(throws: Problem.self) { try await held.collect(stream) }
        #expect(problem?.status == .contentTooLarge)
    }

    @Test("make way when they only hold on to their memory, and are told so at once; a new one comes through")
    func makingWay() async throws {
        var continuations: [AsyncThrowingStream<ByteBuffer, any Error>.Continuation] = []
        let waiting = (0..<4).map { _ in
            let (held, (stream, continuation)) = (body(), pieces(2))
            continuations.append(continuation)
            return Task { try await held.collect(stream) }
        }
        try await until("the bodies hold all there is") { budget.used >= 7 * Self.mebibyte }
        let began = NIODeadline.now()
        // None is as old as the patience: the first ones are refused, a later one is not.
        while true {
            let (held, (stream, continuation)) = (body(), pieces(2))
            continuation.finish()
            do {
                try await held.collect(stream)
                #expect(try held.take().count == 2 * Self.mebibyte)
                break
            } catch let problem as Problem {
                #expect(problem.status == .serviceUnavailable && problem.code == "tooManyBodies")
            }
            #expect(budget.used <= 8 * Self.mebibyte)
        }
        #expect(NIODeadline.now() - began >= .milliseconds(100))
        for continuation in continuations { continuation.finish() }
        var refused = 0
        for task in waiting {
            if case .failure(let error) = await task.result {
                #expect((error as? Problem)?.code == "tooManyBodies")
                refused += 1
            }
        }
        #expect(refused > 0)
        #expect(budget.used == 0)
    }

    @Test("that are given up are not told of memory: nothing was refused")
    func givenUp() async throws {
        // Which of the two that wait is told of it first is chance.
        for _ in 0..<200 {
            let (held, (stream, continuation)) = (body(), pieces(0))
            let collecting = Task { try await held.collect(stream) }
            collecting.cancel()
            if case .failure(let error) = await collecting.result { #expect(!(error is Problem), "\(error)") }
            continuation.finish()
        }
    }

    @Test("that wait to be parsed make way as well")
    func waitingToBeParsed() async throws {
        let complete = (0..<4).map { _ in body() }
        for held in complete {
            let (stream, continuation) = pieces(2)
            continuation.finish()
            // The last has no room for all of it: what each takes besides counts, too.
            try? await held.collect(stream)
        }
        let newcomer = budget.holding {}
        #expect(newcomer.grow(by: 4 * Self.mebibyte, now: .now() + .milliseconds(300)))
        #expect(throws: Problem.self) { try complete[0].take() }
        newcomer.release(4 * Self.mebibyte)
    }
}
