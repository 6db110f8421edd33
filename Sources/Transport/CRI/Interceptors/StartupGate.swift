import GRPCCore
import Synchronization

/// Answers `Unavailable` until the daemon knows its pods again. `Version` passes at once: with it the kubelet finds out
/// whether there is a runtime.
///
/// A daemon that opens its socket only afterwards does without; one that systemd activated cannot keep its clients from
/// connecting.
package final class StartupGate: ServerInterceptor {
    private let isOpen: Atomic<Bool>

    package init(open: Bool = false) { isOpen = Atomic(open) }

    /// Whether every RPC passes.
    package var isOpened: Bool { isOpen.load(ordering: .acquiring) }

    /// From now on every RPC passes.
    package func open() { isOpen.store(true, ordering: .releasing) }

    package func intercept<Input: Sendable, Output: Sendable>(
        request: StreamingServerRequest<Input>,
        context: ServerContext,
        next:
            @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
    ) async throws -> StreamingServerResponse<Output> {
        guard isOpened || context.descriptor.method == "Version" else {
            throw RPCError(code: .unavailable, message: "rktlet is starting: it reads which pods there are; try again")
        }
        return try await next(request, context)
    }
}
