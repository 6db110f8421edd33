import GRPCCore
import Synchronization

/// The parts of one response on their way from the RPC's task to the event loop.
///
/// Back-pressure: `write` returns once fewer than `highWaterMark` bytes of the response wait to be sent, so a handler
/// that streams holds one message more than that in memory, however slowly its client reads.
final class ResponseWriter: ClosableRPCWriterProtocol {
    typealias Part = RPCResponsePart<[UInt8]>

    private struct State {
        var parts: [Part] = []
        /// Bytes of messages accepted here and not yet sent to the client.
        var unsent = 0
        var isAnnounced = false
        var hasStatus = false
        var closed: RPCError?
        var waiters: [Int: CheckedContinuation<Void, any Error>] = [:]
        var nextWaiter = 0
    }

    private let state = Mutex(State())
    private let highWaterMark: Int
    private let memory: ConnectionMemory
    private let memoryLimit: Int
    private let share: PeerShare?
    /// A unary response is handed over in one piece, with its status: one wake-up and one packet for all of it.
    private let isUnary: Bool
    private let cancellation: CancellationRelay
    private let announce: @Sendable () -> Void

    /// - Parameters:
    ///   - memory: what is written is charged to it until it is sent, or cannot be any more.
    ///   - memoryLimit: a message that would bring `memory` above it is refused.
    ///   - share: of the process: a message that would bring it, and all processes together, above what they may hold is refused as well.
    ///   - announce: called when there is something for the event loop to `take`.
    init(
        highWaterMark: Int,
        memory: ConnectionMemory,
        memoryLimit: Int,
        share: PeerShare? = nil,
        isUnary: Bool,
        cancellation: CancellationRelay,
        announce: @escaping @Sendable () -> Void
    ) {
        self.highWaterMark = highWaterMark
        self.memory = memory
        self.memoryLimit = memoryLimit
        self.share = share
        self.isUnary = isUnary
        self.cancellation = cancellation
        self.announce = announce
    }

    deinit {
        memory.release(state.withLock { $0.unsent })
    }

    // MARK: The RPC's side

    func write(_ element: Part) async throws {
        try await write(contentsOf: CollectionOfOne(element))
    }

    func write(contentsOf elements: some Sequence<Part>) async throws {
        let (shallAnnounce, shallWait) = try state.withLock { state in
            for element in elements { try accept(element, in: &state) }
            let isDue = !state.parts.isEmpty && (!isUnary || state.hasStatus) && !state.isAnnounced
            if isDue { state.isAnnounced = true }
            return (isDue, !isUnary && !state.hasStatus && state.unsent > highWaterMark)
        }
        if shallAnnounce { announce() }
        if shallWait { try await waitForRoom() }
    }

    /// What `finish` means is said by the end of the RPC's task, which follows at once.
    func finish() async {}

    func finish(throwing error: any Error) async {
        let status: Status
        if let error = error as? RPCError {
            status = Status(code: Status.Code(error.code), message: error.message)
        } else {
            status = Status(code: .unknown, message: "")
        }
        // Fails when the response has ended already, which is as well.
        try? await write(.status(status, [:]))
    }

    private func accept(_ part: Part, in state: inout State) throws {
        if let error = state.closed { throw error }
        guard !state.hasStatus else {
            throw RPCError(code: .internalError, message: "a response part was written after the status")
        }
        switch part {
        case .metadata(let metadata):
            _ = try OutboundMetadata.fields(metadata)
            state.parts.append(part)
        case .message(let bytes):
            let size = bytes.count + MessageDeframer.prefixLength
            // Here and not on the event loop, which may be far behind a thousand handlers.
            let used = memory.used
            guard used + size <= memoryLimit else {
                throw RPCError(
                    code: .resourceExhausted,
                    message:
                        "this connection leaves \(used) bytes of responses unread; one of \(size) is not kept as well")
            }
            // One message of a process is always kept: who reads what it asked for is served, whatever others do.
            if let share, share.responses.used > 0, share.excess(adding: size) > 0 {
                throw RPCError(
                    code: .resourceExhausted,
                    message:
                        "this process leaves \(share.responses.used) bytes of responses unread, and all processes together too many"
                )
            }
            memory.charge(size)
            state.unsent += size
            state.parts.append(part)
        case .status(let status, let metadata):
            state.hasStatus = true
            state.parts.append(.status(cancellation.explain(status), metadata))
        }
    }

    private func waitForRoom() async throws {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state -> Result<Void, any Error>? in
                    if let error = state.closed { return .failure(error) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.unsent <= highWaterMark { return .success(()) }
                    state.waiters[id] = continuation
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(throwing: CancellationError())
        }
    }

    // MARK: The event loop's side

    /// Whether the response has its end.
    var hasStatus: Bool { state.withLock { $0.hasStatus } }

    /// Everything that has been written since the last time.
    func take() -> [Part] {
        state.withLock { state in
            state.isAnnounced = false
            defer { state.parts = [] }
            return state.parts
        }
    }

    /// So many bytes have gone to the client.
    func sent(_ bytes: Int) {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, any Error>] in
            let bytes = min(bytes, state.unsent)
            memory.release(bytes)
            state.unsent -= bytes
            guard state.unsent <= highWaterMark, !state.waiters.isEmpty else { return [] }
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Nothing more can be sent: writes fail with the error from now on.
    func close(_ error: RPCError) {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, any Error>] in
            guard state.closed == nil else { return [] }
            state.closed = error
            state.parts = []
            memory.release(state.unsent)
            state.unsent = 0
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(throwing: error) }
    }
}
