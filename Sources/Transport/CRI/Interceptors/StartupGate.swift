import Domain
import GRPCCore
import Synchronization

/// Holds calls back until the daemon knows its pods again, for so long as a client has patience for, and answers `Unavailable` to those that
/// it could not let pass by then. `Version` passes at once: with it the kubelet finds out whether there is a runtime.
///
/// A daemon that opens its socket only afterwards does without; one that systemd activated cannot keep its clients from
/// connecting.
package final class StartupGate: ServerInterceptor {
    private struct State {
        var isOpen: Bool
        var waiting: [UInt64: Latch] = [:]
        var count: UInt64 = 0
    }

    private let state: Mutex<State>
    private let patience: Duration
    private let clock: any Clock<Duration>

    /// - Parameters:
    ///   - patience: how long a call waits; the default is well below the shortest deadline of the kubelet's calls.
    ///   - clock: tests turn it.
    package init(
        open: Bool = false, patience: Duration = .seconds(10), clock: any Clock<Duration> = ContinuousClock()
    ) {
        state = Mutex(State(isOpen: open))
        self.patience = patience
        self.clock = clock
    }

    /// Whether every RPC passes.
    package var isOpened: Bool { state.withLock { $0.isOpen } }

    /// From now on every RPC passes, those that wait among them.
    package func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for one in waiting { one.open() }
    }

    package func intercept<Input: Sendable, Output: Sendable>(
        request: StreamingServerRequest<Input>,
        context: ServerContext,
        next:
            @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
    ) async throws -> StreamingServerResponse<Output> {
        if context.descriptor.method != "Version" {
            await wait()
            guard isOpened else {
                throw RPCError(
                    code: .unavailable, message: "rktlet is starting: it reads which pods there are; try again")
            }
        }
        return try await next(request, context)
    }

    /// Returns when it is open, when patience has an end, or when the task is cancelled: a caller that left.
    private func wait() async {
        let opened = Latch()
        guard let ticket = enqueue(opened) else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = await opened.wait() }
            group.addTask { [clock, patience] in try? await clock.sleep(for: patience) }
            await group.next()
            group.cancelAll()
        }
        state.withLock { $0.waiting[ticket] = nil }
    }

    /// Nil when it has been opened meanwhile.
    private func enqueue(_ opened: Latch) -> UInt64? {
        state.withLock { state in
            guard !state.isOpen else { return nil }
            state.count += 1
            state.waiting[state.count] = opened
            return state.count
        }
    }
}
