import GRPCCore

/// Tells an ``RPCObserver`` of every RPC, once at its start and once at its end. First in the list of interceptors, so
/// that it sees what the others refuse.
package struct RPCObservationInterceptor: ServerInterceptor {
    private let observer: any RPCObserver
    private let clock = ContinuousClock()

    package init(observer: any RPCObserver) { self.observer = observer }

    package func intercept<Input: Sendable, Output: Sendable>(
        request: StreamingServerRequest<Input>,
        context: ServerContext,
        next:
            @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
    ) async throws -> StreamingServerResponse<Output> {
        let start = clock.now
        observer.started(context.descriptor, peer: context.remotePeer)
        let response: StreamingServerResponse<Output>
        do {
            response = try await next(request, context)
        } catch {
            throw report(error, since: start, context)
        }
        switch response.accepted {
        case .failure(let error):
            throw report(error, since: start, context)
        case .success(let contents):
            return StreamingServerResponse(metadata: contents.metadata) { writer in
                do {
                    let trailers = try await contents.producer(writer)
                    report(.ok, "", since: start, context)
                    return trailers
                } catch {
                    throw report(error, since: start, context)
                }
            }
        }
    }

    private func report(
        _ error: any Error, since start: ContinuousClock.Instant, _ context: ServerContext
    ) -> RPCError {
        let error = RPCError(any: error)
        report(Status.Code(error.code), error.message, since: start, context)
        return error
    }

    private func report(
        _ code: Status.Code, _ message: String, since start: ContinuousClock.Instant, _ context: ServerContext
    ) {
        observer.finished(
            RPCOutcome(
                descriptor: context.descriptor, peer: context.remotePeer, code: code, message: message,
                duration: clock.now - start))
    }
}
