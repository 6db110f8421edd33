import GRPCCore
import HTTP2
import NIOCore
import RequestMemory

// What the session says, and what becomes of it.
extension ConnectionHandler {
    func handleEvents() {
        while let event = session?.nextEvent() {
            switch event {
            case .request(let id, let headers): requestArrived(id, headers)
            case .data(let id, let bytes): dataArrived(id, bytes)
            case .endOfRequest(let id): requestEnded(id)
            case .sent(let id, let bytes): responseMoved(id, bytes)
            case .responseSent(let id): responseEnded(id)
            case .responseFailed(let id, let reason): responseFailed(id, reason)
            case .closed(let id, let code): streamClosed(id, code)
            case .goAwaySent: goAwaySent()
            case .ready:
                watch.ready()
                noteActivity()
            case .pingAcknowledged: pingAnswered()
            case .peerGoingAway: break
            case .flooded:
                environment.configuration.report(
                    .clientMisbehaved("it sends too many control frames, or has too many streams reset"))
                endSoon()
            }
        }
    }

    // MARK: Requests

    private func requestArrived(_ id: StreamID, _ headers: RequestHeaders) {
        openRequests.insert(id)
        do throws(Rejection) {
            let head = try RequestHead(headers, methods: environment.methods)
            try checkLoad()
            try start(id, head)
        } catch {
            session?.respond(id, headers: error.headers, isLast: true)
        }
    }

    /// Refuses an RPC before its handler runs, so the client may safely try again.
    private func checkLoad() throws(Rejection) {
        let limits = environment.configuration.limits
        if runningRPCs >= limits.maxRunningRPCsPerConnection {
            throw Rejection(
                .resourceExhausted,
                "\(runningRPCs) calls of this connection still run, some of which it has given up; that is the limit"
            )
        }
        let unread = responseMemory.used
        if unread > limits.maxBufferedResponseBytes {
            throw Rejection(.resourceExhausted, "this connection leaves \(unread) bytes of responses unread")
        }
        if share.excess() > 0 {
            throw Rejection(
                .resourceExhausted,
                "this process leaves \(share.responses.used) bytes of responses unread, and all processes together too many"
            )
        }
    }

    private func start(_ id: StreamID, _ head: RequestHead) throws(Rejection) {
        guard let inbox else { return }
        let limits = environment.configuration.limits
        let cancellation = CancellationRelay()
        let holding = environment.budget.holding { inbox.post(.evicted(id)) }
        guard let place = share.call() else {
            throw Rejection(
                .resourceExhausted,
                "\(share.callsTogether) calls run or have responses that nobody reads, and most of them are of this process; that is the limit"
            )
        }
        // Until the request is complete, also when nothing of a message has come.
        guard holding.grow(by: 1, now: .now()) else {
            throw Rejection(.resourceExhausted, RequestBudget.refusal.message)
        }
        let stream = RPCStreamState(
            request: RequestParts(metadata: head.metadata, memory: memory, holding: holding) {
                inbox.post(.demand(id))
            },
            response: ResponseWriter(
                highWaterMark: limits.responseHighWaterMark,
                memory: responseMemory,
                memoryLimit: limits.maxHeldResponseBytes,
                share: share,
                isUnary: head.method.type.map { !$0.isResponseStreaming } ?? false,
                cancellation: cancellation
            ) { inbox.post(.output(id)) },
            cancellation: cancellation,
            deframer: MessageDeframer(limit: limits.maxRequestMessageSize, encoding: head.encoding),
            holding: holding,
            place: place
        )
        if let timeout = head.timeout {
            stream.deadline = context?.eventLoop.scheduleTask(in: .nanoseconds(timeout)) {
                cancellation.cancel(.deadlinePassed)
            }
        }
        streams[id] = stream
        runningRPCs += 1
        noteActivity()
        environment.counters.streams.wrappingAdd(1, ordering: .relaxed)
        environment.counters.runningRPCs.wrappingAdd(1, ordering: .relaxed)
        let counters = environment.counters
        let rpc = AcceptedRPC(
            method: head.method,
            request: stream.request,
            response: stream.response,
            cancellation: cancellation,
            peer: environment.peer
        ) { [response = stream.response, place] in
            // Taken until here, also when the stream has gone long before.
            withExtendedLifetime(place) {}
            counters.runningRPCs.wrappingSubtract(1, ordering: .relaxed)
            // A response with its status has woken the event loop already, and nobody waits to hear that its task is over.
            inbox.post(.ended(id), urgently: !response.hasStatus)
        }
        environment.accept(rpc)
    }

    private func dataArrived(_ id: StreamID, _ bytes: ByteBuffer) {
        // One slow reader must not close the connection's window for the others: only the stream's own stays shut.
        session?.consumeConnection(bytes.readableBytes)
        guard let stream = streams[id], !stream.isRequestComplete else { return }
        stream.owed += bytes.readableBytes
        var bytes = bytes
        do throws(RPCError) {
            while let message = try stream.deframer.decode(&bytes) { stream.request.append(message) }
            try chargeMemory(stream)
        } catch {
            refuse(id, stream, error)
        }
        openWindow(id, stream)
    }

    private func chargeMemory(_ stream: RPCStreamState) throws(RPCError) {
        let change = stream.deframer.bufferedBytes - stream.charged
        if change > 0, !stream.holding.grow(by: change, now: .now()) { throw RequestBudget.refusal }
        if change < 0 { stream.holding.release(-change) }
        memory.charge(change)
        stream.charged = stream.deframer.bufferedBytes
        let limit = environment.configuration.limits.maxBufferedRequestBytes
        guard memory.used <= limit else {
            throw RPCError(
                code: .resourceExhausted,
                message: "the requests of this connection that wait to be handled exceed \(limit) bytes"
            )
        }
    }

    /// Gives the stream's window back what its reader has taken, or will take as soon as it is whole.
    private func openWindow(_ id: StreamID, _ stream: RPCStreamState) {
        guard stream.owed > 0, stream.request.hasNoMessages else { return }
        session?.consume(stream.owed, of: id)
        stream.owed = 0
    }

    private func requestEnded(_ id: StreamID) {
        openRequests.remove(id)
        guard let stream = streams[id], !stream.isRequestComplete else { return }
        guard stream.deframer.isBetweenMessages else {
            let error = RPCError(code: .internalError, message: "the request ends in the middle of a message")
            return refuse(id, stream, error)
        }
        stream.isRequestComplete = true
        stream.givePlaceUp()
        stream.request.finish()
    }

    /// Answers a bad request at once, whatever its handler is doing.
    private func refuse(_ id: StreamID, _ stream: RPCStreamState, _ error: RPCError) {
        stream.isRequestComplete = true
        dropPartialMessage(stream)
        stream.abandon(error, .badRequest)
        respond(id, stream, Status(code: Status.Code(error.code), message: error.message), metadata: [])
    }

    // MARK: Responses

    private func responseMoved(_ id: StreamID, _ bytes: Int) {
        lastProgress = .now()
        streams[id]?.sent(bytes, now: lastProgress)
    }

    /// A client that still sends is told to stop: nobody would read it.
    private func responseEnded(_ id: StreamID) {
        if openRequests.contains(id) { session?.reset(id, .noError) }
    }

    private func responseFailed(_ id: StreamID, _ reason: String) {
        environment.configuration.report(
            .connectionEnded("stream \(id): the response's headers were not sent: \(reason)"))
        session?.reset(id, .internalError)
    }

    private func streamClosed(_ id: StreamID, _ code: ErrorCode) {
        openRequests.remove(id)
        guard let stream = forget(id) else { return }
        let error = RPCError(code: .cancelled, message: "the stream is closed (\(code))")
        if stream.hasRespondedStatus && code == .noError {
            stream.request.fail(error)
            stream.response.close(error)
        } else {
            stream.abandon(error, .clientGone)
        }
    }

    /// Takes a stream out of every account.
    func forget(_ id: StreamID) -> RPCStreamState? {
        guard let stream = streams.removeValue(forKey: id) else { return nil }
        dropPartialMessage(stream)
        stream.deadline?.cancel()
        stream.deadline = nil
        environment.counters.streams.wrappingSubtract(1, ordering: .relaxed)
        return stream
    }

    private func dropPartialMessage(_ stream: RPCStreamState) {
        stream.deframer.drop()
        memory.release(stream.charged)
        stream.holding.release(stream.charged)
        stream.charged = 0
        stream.givePlaceUp()
    }

    // MARK: Notices from the RPCs' tasks

    func noticesArrived() {
        takeNotices()
        pump()
    }

    func takeNotices() {
        for notice in inbox?.drain() ?? [] {
            switch notice {
            case .output(let id):
                if let stream = streams[id] { send(id, stream) }
            case .demand(let id):
                if let stream = streams[id] { openWindow(id, stream) }
            case .evicted(let id):
                if let stream = streams[id], !stream.isRequestComplete || !stream.request.hasNoMessages {
                    refuse(id, stream, RequestBudget.refusal)
                }
            case .ended(let id):
                runningRPCs -= 1
                if let stream = streams[id], !stream.hasRespondedStatus { session?.reset(id, .internalError) }
            }
        }
    }

    private func send(_ id: StreamID, _ stream: RPCStreamState) {
        for part in stream.response.take() {
            switch part {
            case .metadata(let metadata):
                respond(id, stream, metadata: metadata)
            case .message(let bytes):
                if !stream.hasRespondedHeaders { respond(id, stream, metadata: [:]) }
                session?.write(MessagePrefix.encode(length: bytes.count), to: id)
                session?.write(bytes, to: id)
                stream.enqueued(bytes.count + MessageDeframer.prefixLength, now: .now())
            case .status(let status, let metadata):
                do {
                    respond(id, stream, status, metadata: try OutboundMetadata.fields(metadata))
                } catch {
                    respond(id, stream, Status(code: Status.Code(error.code), message: error.message), metadata: [])
                }
            }
        }
    }

    private func respond(_ id: StreamID, _ stream: RPCStreamState, metadata: Metadata) {
        guard !stream.hasRespondedHeaders else { return }
        stream.hasRespondedHeaders = true
        // The writer has refused metadata that cannot be sent.
        let fields = (try? OutboundMetadata.fields(metadata)) ?? []
        session?.respond(id, headers: ResponseHeaders.initial(metadata: fields), isLast: false)
    }

    private func respond(_ id: StreamID, _ stream: RPCStreamState, _ status: Status, metadata: [HeaderField]) {
        guard !stream.hasRespondedStatus else { return }
        stream.hasRespondedStatus = true
        if stream.hasRespondedHeaders {
            session?.finish(id, trailers: ResponseHeaders.trailers(status, metadata: metadata))
        } else {
            stream.hasRespondedHeaders = true
            session?.respond(id, headers: ResponseHeaders.trailersOnly(status, metadata: metadata), isLast: true)
        }
    }
}
