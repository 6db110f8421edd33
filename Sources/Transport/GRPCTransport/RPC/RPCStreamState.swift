import GRPCCore
import HTTP2
import NIOCore
import RequestMemory

/// One RPC as its connection's event loop sees it. Used on that event loop only.
final class RPCStreamState {
    let request: RequestParts
    let response: ResponseWriter
    let cancellation: CancellationRelay
    var deframer: MessageDeframer
    /// What its request takes of the budget of all connections.
    let holding: RequestHolding
    /// Among the calls of all connections: taken until its response has been read, and its handler has ended.
    private let place: CallPlace
    private var hasPlace = true
    /// Cancels it when its time is over; nil: it has no end, or is gone.
    var deadline: Scheduled<Void>?
    /// Bytes that have arrived and not been given back to the stream's window.
    var owed = 0
    /// What the deframer's half message has been charged to the connection's memory.
    var charged = 0
    var isRequestComplete = false
    var hasRespondedHeaders = false
    var hasRespondedStatus = false
    /// Bytes of the response that wait in the session for the client's window.
    var backlog = 0
    /// When the backlog last shrank, or began.
    var backlogSince: NIODeadline = .distantFuture

    init(
        request: RequestParts, response: ResponseWriter, cancellation: CancellationRelay, deframer: MessageDeframer,
        holding: RequestHolding, place: CallPlace
    ) {
        self.request = request
        self.response = response
        self.cancellation = cancellation
        self.deframer = deframer
        self.holding = holding
        self.place = place
    }

    /// The request is complete, or will not be.
    func givePlaceUp() {
        guard hasPlace else { return }
        hasPlace = false
        holding.release(1)
    }

    func enqueued(_ bytes: Int, now: NIODeadline) {
        if backlog == 0 { backlogSince = now }
        backlog += bytes
    }

    func sent(_ bytes: Int, now: NIODeadline) {
        backlog -= bytes
        backlogSince = backlog > 0 ? now : .distantFuture
        response.sent(bytes)
    }

    /// The stream cannot go on: whoever reads or writes it is told.
    func abandon(_ error: RPCError, _ reason: CancellationRelay.Reason) {
        request.fail(error)
        response.close(error)
        cancellation.cancel(reason)
    }
}
