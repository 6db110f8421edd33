import Domain
import NIOCore
import RequestMemory
import Synchronization

/// The body of one request, from its first byte until it is parsed. All of them together have one bound: whoever has the token may open a thousand
/// connections.
final class HeldBody: Sendable {
    /// What all of them hold together: thirty of the largest. See ``RequestBudget`` for who makes way when that is not enough.
    static let budget = RequestBudget(limit: 64 << 20, patience: .milliseconds(250))

    private enum State {
        case held([UInt8])
        /// Its memory was wanted by others, or there was none for it.
        case refused
        case taken
    }

    private final class Content: Sendable {
        let state = Mutex(State.held([]))
        let refusal = Latch()

        func refuse() {
            state.withLock { state in
                if case .held = state { state = .refused }
            }
            refusal.open()
        }
    }

    private let content = Content()
    private let holding: RequestHolding
    private let limit: Int
    private let counted = Mutex(0)

    /// - Parameter limit: bytes that one body may have.
    init(limit: Int, budget: RequestBudget = HeldBody.budget) {
        self.limit = limit
        holding = budget.holding { [content] in content.refuse() }
    }

    deinit { holding.release(counted.withLock { $0 }) }

    /// Takes all of the body's pieces.
    ///
    /// - Throws: a problem, 413 or 503; what the pieces throw.
    func collect(_ pieces: some AsyncSequence<ByteBuffer, any Error> & Sendable) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for try await piece in pieces { try self.append(piece) } }
            group.addTask {
                guard await self.content.refusal.wait() else { throw CancellationError() }
                // A client that is waited for is not waited for any longer.
                throw Self.noRoom
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func append(_ piece: ByteBuffer) throws {
        let held = counted.withLock { $0 }
        guard held + piece.readableBytes <= limit else { throw Self.tooLarge(limit) }
        guard holding.grow(by: piece.readableBytes, now: .now()) else {
            content.refuse()
            throw Self.noRoom
        }
        counted.withLock { $0 += piece.readableBytes }
        try content.state.withLock { state in
            guard case .held(var bytes) = state else { throw Self.noRoom }
            state = .taken
            bytes.append(contentsOf: piece.readableBytesView)
            state = .held(bytes)
        }
    }

    var isEmpty: Bool { counted.withLock { $0 == 0 } }
    var count: Int { counted.withLock { $0 } }

    /// The bytes, for who parses them now; once.
    ///
    /// - Throws: a problem when others have got its memory while it waited.
    func take() throws(Problem) -> [UInt8] {
        let bytes = content.state.withLock { state -> [UInt8]? in
            guard case .held(let bytes) = state else { return nil }
            state = .taken
            return bytes
        }
        guard let bytes else { throw Self.noRoom }
        return bytes
    }

    static func tooLarge(_ limit: Int) -> Problem {
        Problem(
            .contentTooLarge, code: "contentTooLarge", "the body has more than \(limit) bytes",
            headers: [.connection: "close"])
    }

    private static var noRoom: Problem {
        Problem(
            .serviceUnavailable, code: "tooManyBodies",
            "the bodies that are being received, on all connections, take too much memory together; try again",
            headers: [.retryAfter: "1", .connection: "close"])
    }
}
