import CallRecords
import GRPCCore

/// Tells an ``RPCObserver`` of every RPC, once at its start and once at its end, and keeps it in the flight recorder. First in the list of interceptors, so
/// that it sees what the others refuse.
package struct RPCObservationInterceptor: ServerInterceptor {
    private let observer: any RPCObserver
    private let recorder: CallRecorder?
    private let clock = ContinuousClock()

    package init(observer: any RPCObserver, recorder: CallRecorder? = nil) {
        self.observer = observer
        self.recorder = recorder
    }

    package func intercept<Input: Sendable, Output: Sendable>(
        request: StreamingServerRequest<Input>,
        context: ServerContext,
        next:
            @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
    ) async throws -> StreamingServerResponse<Output> {
        let call = Call(
            start: clock.now,
            record: recorder?.begin(
                .grpc, context.descriptor.method, onlyAsks: RequestObjects.onlyAsks(context.descriptor.method),
                traceparent: request.metadata[stringValues: "traceparent"].first { _ in true }))
        observer.started(context.descriptor, peer: context.remotePeer)
        let response: StreamingServerResponse<Output>
        do {
            response = try await RecordedCall.$current.withValue(call.record) {
                try await next(Self.telling(request, call.record), context)
            }
        } catch {
            throw report(error, of: call, context)
        }
        switch response.accepted {
        case .failure(let error):
            throw report(error, of: call, context)
        case .success(let contents):
            return StreamingServerResponse(metadata: contents.metadata) { writer in
                do {
                    let trailers = try await RecordedCall.$current.withValue(call.record) {
                        try await contents.producer(writer)
                    }
                    report(.ok, "", of: call, context)
                    return trailers
                } catch {
                    throw report(error, of: call, context)
                }
            }
        }
    }

    private struct Call: Sendable {
        let start: ContinuousClock.Instant
        let record: RecordedCall?
    }

    /// The same request, whose message tells the record what it is about.
    private static func telling<Input: Sendable>(
        _ request: StreamingServerRequest<Input>, _ record: RecordedCall?
    ) -> StreamingServerRequest<Input> {
        guard let record, let read = RequestObjects.reader(of: Input.self) else { return request }
        let messages = request.messages.map { message in
            let names = read(message)
            record.about(names.object)
            record.concerns(pod: names.pod)
            record.concerns(container: names.container)
            record.making(names.name)
            return message
        }
        return StreamingServerRequest(metadata: request.metadata, messages: RPCAsyncSequence(wrapping: messages))
    }

    private func report(_ error: any Error, of call: Call, _ context: ServerContext) -> RPCError {
        let error = RPCError(any: error)
        report(Status.Code(error.code), error.message, of: call, context)
        return error
    }

    private func report(_ code: Status.Code, _ message: String, of call: Call, _ context: ServerContext) {
        if let record = call.record {
            recorder?.end(record, code: "\(code)", hasFailed: code != .ok, error: message)
        }
        observer.finished(
            RPCOutcome(
                descriptor: context.descriptor, peer: context.remotePeer, code: code, message: message,
                duration: clock.now - call.start))
    }
}
