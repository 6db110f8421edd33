import GRPCCore
import Synchronization

/// The parts of one request on their way from the event loop to the RPC's task.
///
/// The event loop appends, the task reads; neither waits for the other's lock for long. What waits here is bounded by
/// the stream's flow-control window, as the window only opens when the reader has taken what there is.
final class RequestParts: AsyncSequence, Sendable {
    typealias Part = RPCRequestPart<[UInt8]>

    private struct State {
        var parts: [Part] = []
        var next = 0
        var queuedBytes = 0
        var ending: Ending?
        var reader: CheckedContinuation<Part?, any Error>?

        mutating func append(_ part: Part) {
            parts.append(part)
            queuedBytes += part.cost
        }

        mutating func pop() -> Part? {
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
        case part(Part, demand: Bool)
        case end
        case failed(any Error)
        case wait
    }

    private let state: Mutex<State>
    private let memory: RequestMemory
    private let onDemand: @Sendable () -> Void

    /// - Parameters:
    ///   - memory: what waits here is charged to it.
    ///   - onDemand: called, on the reader's task, when it has taken every message there was and wants more.
    init(metadata: Metadata, memory: RequestMemory, onDemand: @escaping @Sendable () -> Void) {
        var state = State()
        state.append(.metadata(metadata))
        self.state = Mutex(state)
        self.memory = memory
        self.onDemand = onDemand
    }

    deinit {
        memory.release(state.withLock { $0.queuedBytes })
    }

    /// Whether the reader has every message there was.
    var hasNoMessages: Bool { state.withLock { $0.queuedBytes == 0 } }

    func append(_ message: [UInt8]) {
        let reader = state.withLock { state -> CheckedContinuation<Part?, any Error>? in
            guard state.ending == nil else { return nil }
            guard let reader = state.reader else {
                let part = Part.message(message)
                state.append(part)
                memory.charge(part.cost)
                return nil
            }
            state.reader = nil
            return reader
        }
        reader?.resume(returning: .message(message))
    }

    /// The request is complete.
    func finish() {
        end(.finished)?.resume(returning: nil)
    }

    /// The request will not be complete. What waits is dropped.
    func fail(_ error: any Error) {
        end(.failed(error))?.resume(throwing: error)
    }

    private func end(_ ending: Ending) -> CheckedContinuation<Part?, any Error>? {
        state.withLock { state in
            guard state.ending == nil else { return nil }
            state.ending = ending
            if case .failed = ending {
                while let part = state.pop() { memory.release(part.cost) }
            }
            defer { state.reader = nil }
            return state.reader
        }
    }

    private func read() -> Read {
        state.withLock { state in
            if let part = state.pop() {
                memory.release(part.cost)
                return .part(part, demand: part.cost > 0 && state.queuedBytes == 0 && state.ending == nil)
            }
            switch state.ending {
            case .finished: return .end
            case .failed(let error): return .failed(error)
            case nil: return .wait
            }
        }
    }

    fileprivate func next() async throws -> Part? {
        switch read() {
        case .part(let part, let demand):
            if demand { onDemand() }
            return part
        case .end: return nil
        case .failed(let error): throw error
        case .wait: return try await suspend()
        }
    }

    private func suspend() async throws -> Part? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                park(continuation)
            }
        } onCancel: {
            let reader = state.withLock { state in
                defer { state.reader = nil }
                return state.reader
            }
            reader?.resume(throwing: CancellationError())
        }
    }

    /// Things may have changed since `read`: look again under the same lock that parks.
    private func park(_ continuation: CheckedContinuation<Part?, any Error>) {
        let result = state.withLock { state -> Result<Part?, any Error>? in
            if Task.isCancelled { return .failure(CancellationError()) }
            if let part = state.pop() {
                memory.release(part.cost)
                return .success(part)
            }
            switch state.ending {
            case .finished: return .success(nil)
            case .failed(let error): return .failure(error)
            case nil: break
            }
            guard state.reader == nil else {
                return .failure(RPCError(code: .internalError, message: "a request has two readers"))
            }
            state.reader = continuation
            return nil
        }
        if let result { continuation.resume(with: result) }
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

extension RPCRequestPart<[UInt8]> {
    /// Roughly the memory a waiting part takes.
    fileprivate var cost: Int {
        switch self {
        case .metadata: 0
        case .message(let bytes): bytes.count + 64
        }
    }
}
