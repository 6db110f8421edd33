import GRPCCore
import Synchronization

/// Carries the transport's cancellation of an RPC to GRPCCore's handle, whichever of the two is there first.
final class CancellationRelay: Sendable {
    /// Why the transport cancels an RPC.
    enum Reason: Sendable {
        /// The client reset the stream, or its connection is lost.
        case clientGone
        /// The time that the client gave it is over.
        case deadlinePassed
        /// The server's time to drain is over.
        case shutdown
        /// The request itself is at fault, and has been answered.
        case badRequest
    }

    private struct State {
        var handle: ServerContext.RPCCancellationHandle?
        var reason: Reason?
    }

    private let state = Mutex(State())

    /// Called once, when the RPC's task runs.
    func attach(_ handle: ServerContext.RPCCancellationHandle) {
        let isCancelled = state.withLock {
            $0.handle = handle
            return $0.reason != nil
        }
        if isCancelled { handle.cancel() }
    }

    /// Cancels the RPC; the first reason stays.
    func cancel(_ reason: Reason) {
        let handle = state.withLock { state -> ServerContext.RPCCancellationHandle? in
            guard state.reason == nil else { return nil }
            state.reason = reason
            return state.handle
        }
        handle?.cancel()
    }

    /// A status for a handler that ended because it was cancelled and could not say why: only this side knows.
    ///
    func explain(_ status: Status) -> Status {
        guard status.code == .unknown || status.code == .cancelled else { return status }
        let (isCancelled, reason) = state.withLock { ($0.handle?.isCancelled ?? false, $0.reason) }
        guard isCancelled else { return status }
        switch reason {
        case .deadlinePassed: return Status(code: .deadlineExceeded, message: "the deadline of the call has passed")
        case .shutdown: return Status(code: .unavailable, message: "the server is shutting down")
        case .clientGone, .badRequest, nil: return status
        }
    }
}
