import Domain
import GRPCCore

/// Tells the use-cases whether a call that is cancelled ran out of its client's time (a retry will come) or was given up.
struct DeadlineInterceptor: ServerInterceptor {
    func intercept<Input: Sendable, Output: Sendable>(
        request: StreamingServerRequest<Input>,
        context: ServerContext,
        next:
            @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
    ) async throws -> StreamingServerResponse<Output> {
        guard let header = request.metadata[stringValues: "grpc-timeout"].first(where: { _ in true }),
            let time = CallTime(header: header, now: .now)
        else { return try await next(request, context) }
        return try await CallDeadline.$hasPassed.withValue({ time.isUp(at: .now) }) {
            try await next(request, context)
        }
    }
}

/// When a call's time is up, from its `grpc-timeout`.
struct CallTime: Equatable, Sendable {
    /// A little before the deadline: the client's own clock began to run when it sent the call, so that it resets the stream before our
    /// timer ends.
    let end: ContinuousClock.Instant

    /// - Parameter header: up to eight digits and a unit (gRPC over HTTP/2, "Requests").
    init?(header: String, now: ContinuousClock.Instant) {
        guard let unit = header.last, (2...9).contains(header.utf8.count), let value = Int64(header.dropLast()),
            value >= 0
        else { return nil }
        let timeout: Duration
        switch unit {
        case "H": timeout = .seconds(value * 3_600)
        case "M": timeout = .seconds(value * 60)
        case "S": timeout = .seconds(value)
        case "m": timeout = .milliseconds(value)
        case "u": timeout = .microseconds(value)
        case "n": timeout = .nanoseconds(value)
        default: return nil
        }
        end = now + timeout - min(timeout / 10, .seconds(1))
    }

    func isUp(at instant: ContinuousClock.Instant) -> Bool { instant >= end }
}
