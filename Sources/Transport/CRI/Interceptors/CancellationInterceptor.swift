import ByteText
import Domain
import GRPCCore

/// Makes the cancellation of an RPC that of the task which serves it.
///
/// GRPCCore signals a deadline that passed, a reset stream and a lost connection through the context's handle only;
/// use-cases heed the cancellation of their task, and find in `CallDeadline` whether their caller will come again. Whatever the handler still has to undo, it
/// undoes before the RPC ends.
///
/// A call that is answered from memory passes as it is: it is over before anybody could cancel it, and a task of its own would
/// cost more than the answer.
package struct CancellationInterceptor: ServerInterceptor {
    /// RPCs that wait for nothing but their request.
    private static let immediate: Set<String> = [
        "Version", "RuntimeConfig", "ListPodSandbox", "PodSandboxStatus", "ListContainers", "ContainerStatus",
    ]

    /// Where the transport, which keeps the time of calls itself, tells it: `grpc-timeout` would have GRPCCore time them too.
    package static let timeoutKey = "rktlet-timeout"

    private let clock = ContinuousClock()
    private let isShuttingDown: @Sendable () -> Bool

    /// - Parameter isShuttingDown: tells a server that ends from a client that left.
    package init(isShuttingDown: @escaping @Sendable () -> Bool = { false }) {
        self.isShuttingDown = isShuttingDown
    }

    package func intercept<Input: Sendable, Output: Sendable>(
        request: StreamingServerRequest<Input>,
        context: ServerContext,
        next:
            @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
    ) async throws -> StreamingServerResponse<Output> {
        if Self.immediate.contains(context.descriptor.method) { return try await next(request, context) }
        let timeout = request.metadata[stringValues: Self.timeoutKey].first { _ in true }.flatMap(Self.duration)
        let ending = CallEnding(timeout: timeout, from: clock.now, isShuttingDown: isShuttingDown)
        let response = try await cancellable(context, ending) { try await next(request, context) }
        // The one message of a unary response is there already.
        if let type = context.descriptor.type, !type.isResponseStreaming { return response }
        guard case .success(let contents) = response.accepted else { return response }
        return StreamingServerResponse(metadata: contents.metadata) { writer in
            try await cancellable(context, ending) { try await contents.producer(writer) }
        }
    }

    /// Runs `body` in a child task that is cancelled as soon as the RPC is, and waits for it in any case.
    private func cancellable<Success: Sendable>(
        _ context: ServerContext, _ ending: CallEnding, _ body: @Sendable () async throws -> Success
    ) async throws -> Success {
        let ended = Latch()
        // So that what a late caller leaves is kept for its retry.
        return try await CallDeadline.$current.withValue(CallDeadline { ending.reason == .deadlinePassed }) {
            try await withRPCCancellationHandler {
                async let success = Self.run(body, ended)
                _ = await ended.wait()
                // Leaving without a look at the child's result cancels the child and waits for its end.
                if context.cancellation.isCancelled { throw error(ending) }
                return try await success
            } onCancelRPC: { [clock] in
                ending.cancelled(at: clock.now)
                ended.open()
            }
        }
    }

    private static func run<Success: Sendable>(
        _ body: @Sendable () async throws -> Success, _ end: Latch
    ) async throws -> Success {
        defer { end.open() }
        return try await body()
    }

    private func error(_ ending: CallEnding) -> RPCError {
        switch ending.reason {
        case .deadlinePassed: RPCError(code: .deadlineExceeded, message: "the deadline of the call passed")
        case .shuttingDown: RPCError(code: .unavailable, message: "the server is shutting down")
        case .clientGone, nil: RPCError(code: .cancelled, message: "the client cancelled the call or went away")
        }
    }

    /// The value of `grpc-timeout`: up to eight digits and a unit (gRPC over HTTP/2, "Requests").
    static func duration(_ header: String) -> Duration? {
        let (digits, unit) = header.leading(\.isASCIIDigit)
        guard digits.byteCount <= 8, let value = Int64(digits: digits) else { return nil }
        return switch unit {
        case "H": .seconds(value * 3_600)
        case "M": .seconds(value * 60)
        case "S": .seconds(value)
        case "m": .milliseconds(value)
        case "u": .microseconds(value)
        case "n": .nanoseconds(value)
        default: nil
        }
    }
}
