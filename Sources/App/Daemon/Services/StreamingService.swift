import ServiceLifecycle
import Streaming

/// The streaming server: its sessions end, each with the reason, before the CRI's socket does.
struct StreamingService: Service {
    private let server: StreamingServer

    init(_ server: StreamingServer) { self.server = server }

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await server.run() }
    }
}
