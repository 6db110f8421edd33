import Domain
import GRPCCore
import GRPCTransport
import Logging
import ServiceLifecycle
import Systemd

/// The CRI's socket: opens once the index is whole (one that systemd has opened is served at once, behind the gate), and drains at the end.
struct GRPCService: Service {
    let server: GRPCServer<NGHTTP2ServerTransport>
    let transport: NGHTTP2ServerTransport
    /// Raised when the daemon begins to end: calls that are cancelled from then on are so because of it, and not because their clients left.
    let drain: Flag
    /// Raised when systemd has been told that the daemon is ready.
    let isReady: Flag
    let isActivated: Bool
    let recovered: Latch
    /// Opened once the JSON gateway listens too: only then is the daemon ready.
    let gatewayListens: Latch
    let notifier: Notifier
    let logger: Logger
    /// Ends the calls that may last for hours, once nobody is to be waited for.
    let endLongCalls: @Sendable () async -> Void

    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            if isActivated { group.addTask { try await serve() } }
            guard await happens(recovered) else { return }
            if !isActivated { group.addTask { try await serve() } }
            let address = try await transport.listeningAddress
            guard await happens(gatewayListens) else { return }
            _ = notifier.ready(status: "serving the CRI on \(address)")
            isReady.raise()
            logger.info("rktlet is ready", metadata: ["address": "\(address)", "version": "\(ProjectVersion.current)"])
        }
    }

    /// Not where the daemon ends first.
    private func happens(_ latch: Latch) async -> Bool {
        let hasHappened = await cancelWhenGracefulShutdown { await latch.wait() }
        return hasHappened && !Task.isCancelled && !Task.isShuttingDownGracefully
    }

    private func serve() async throws {
        let ending = Latch()
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask {
                if await ending.wait() { await endLongCalls() }
            }
            try await withGracefulShutdownHandler {
                try await server.serve()
            } onGracefulShutdown: {
                drain.raise()
                _ = notifier.stopping(status: "finishing the calls that run")
                server.beginGracefulShutdown()
                ending.open()
            }
            group.cancelAll()
        }
    }
}
