import GRPCCore
import NIOCore
import RequestMemory
import Synchronization

/// The parts of one request on their way from the event loop to the RPC's task.
///
/// The event loop appends, the task reads; neither waits for the other's lock for long. What waits here is bounded by
/// the stream's flow-control window, as the window only opens when the reader has taken what there is.
final class RequestParts: AsyncSequence, Sendable {
    typealias Part = RPCRequestPart<[UInt8]>

    /// A part as it waits here.
    private enum Item {
        case metadata(Metadata)
        case message(FramedMessage)

        /// Roughly the memory it takes.
        var cost: Int {
            switch self {
            case .metadata: 0
            case .message(let message): message.cost
            }
        }

        /// What the reader gets. Work, for a compressed message.
        func part() throws(RPCError) -> Part {
            switch self {
            case .metadata(let metadata): .metadata(metadata)
            case .message(let message): .message(try message.bytes())
            }
        }
    }

    private struct State {
        var parts: [Item] = []
        var next = 0
        var queuedBytes = 0
        var ending: Ending?
        var reader: CheckedContinuation<Read, Never>?

        mutating func append(_ part: Item) {
            parts.append(part)
            queuedBytes += part.cost
        }

        mutating func pop() -> Item? {
            guard next < parts.count else { return nil }
            let part = parts[next]
            next += 1
            queuedBytes -= part.cost
            if next == parts.count {
                parts.removeAll(keepingCapacity: true)
                next = 0
            }
            return part
        }
    }

    private enum Ending {
        case finished
        case failed(any Error)
    }

    private enum Read {
        /// With `demand` the reader has every message there was.
        case item(Item, demand: Bool)
        case end
        case failed(any Error)
    }

    private let state: Mutex<State>
    private let memory: ConnectionMemory
    private let holding: RequestHolding?
    private let onDemand: @Sendable () -> Void

    /// - Parameters:
    ///   - memory: what waits here is charged to it.
    ///   - holding: and to this one.
    ///   - onDemand: called, on the reader's task, when it has taken every message there was and wants more.
    init(
        metadata: Metadata, memory: ConnectionMemory, holding: RequestHolding? = nil,
        onDemand: @escaping @Sendable () -> Void
    ) {
        var state = State()
        state.append(.metadata(metadata))
        self.state = Mutex(state)
        self.memory = memory
        self.holding = holding
        self.onDemand = onDemand
    }

    deinit {
        release(state.withLock { $0.queuedBytes })
    }

    private func charge(_ count: Int) {
        memory.charge(count)
        holding?.add(count, now: .now())
    }

    private func release(_ count: Int) {
        memory.release(count)
        holding?.taken(count, now: .now())
    }

    /// Whether the reader has every message there was.
    var hasNoMessages: Bool { state.withLock { $0.queuedBytes == 0 } }

    func append(_ message: FramedMessage) {
        let reader = state.withLock { state -> CheckedContinuation<Read, Never>? in
            guard state.ending == nil else { return nil }
            guard let reader = state.reader else {
                let item = Item.message(message)
                state.append(item)
                charge(item.cost)
                return nil
            }
            state.reader = nil
            return reader
        }
        // No demand: the window opens for what never waited.
        reader?.resume(returning: .item(.message(message), demand: false))
    }

    /// The request is complete.
    func finish() {
        end(.finished)?.resume(returning: .end)
    }

    /// The request will not be complete. What waits is dropped.
    func fail(_ error: any Error) {
        end(.failed(error))?.resume(returning: .failed(error))
    }

    private func end(_ ending: Ending) -> CheckedContinuation<Read, Never>? {
        state.withLock { state in
            guard state.ending == nil else { return nil }
            state.ending = ending
            if case .failed = ending {
                while let item = state.pop() { release(item.cost) }
            }
            defer { state.reader = nil }
            return state.reader
        }
    }

    /// What there is to read; nil when the reader has to wait.
    private func read(_ state: inout State) -> Read? {
        if let item = state.pop() {
            release(item.cost)
            return .item(item, demand: item.cost > 0 && state.queuedBytes == 0 && state.ending == nil)
        }
        switch state.ending {
        case .finished: return .end
        case .failed(let error): return .failed(error)
        case nil: return nil
        }
    }

    fileprivate func next() async throws -> Part? {
        if let ready = state.withLock({ read(&$0) }) { return try deliver(ready) }
        return try await waitForNext()
    }

    /// The part that comes next, for a reader that has looked and found nothing. It may have come since.
    func waitForNext() async throws -> Part? {
        try deliver(await suspend())
    }

    private func deliver(_ read: Read) throws -> Part? {
        switch read {
        case .item(let item, let demand):
            if demand { onDemand() }
            return try item.part()
        case .end: return nil
        case .failed(let error): throw error
        }
    }

    private func suspend() async -> Read {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                park(continuation)
            }
        } onCancel: {
            let reader = state.withLock { state in
                defer { state.reader = nil }
                return state.reader
            }
            reader?.resume(returning: .failed(CancellationError()))
        }
    }

    /// Things may have changed since the reader looked: look again under the same lock that parks.
    private func park(_ continuation: CheckedContinuation<Read, Never>) {
        let ready = state.withLock { state -> Read? in
            if Task.isCancelled { return .failed(CancellationError()) }
            if let read = read(&state) { return read }
            guard state.reader == nil else {
                return .failed(RPCError(code: .internalError, message: "a request has two readers"))
            }
            state.reader = continuation
            return nil
        }
        if let ready { continuation.resume(returning: ready) }
    }

    func makeAsyncIterator() -> Iterator { Iterator(parts: self) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let parts: RequestParts

        mutating func next() async throws -> Part? { try await parts.next() }

        mutating func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> Part? {
            try await parts.next()
        }
    }
}
