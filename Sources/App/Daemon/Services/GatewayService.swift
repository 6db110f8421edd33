import GRPCTransport
import Gateway
import Logging
import ServiceLifecycle

/// The JSON gateway's socket and its events; it listens from the first moment, and says that the daemon is starting until the index is whole.
struct GatewayService: Service {
    let gateway: Gateway
    let address: GatewayAddress
    let logger: Logger
    /// Finished once it listens.
    let listens: AsyncStream<Never>.Continuation

    func run() async throws {
        switch address {
        case .none: return
        case .unix(let path):
            // Nobody but root: what it can do is what root can.
            let socket = try UnixListener.open(try UnixSocketPath(path), mode: 0o600)
            defer { socket.removeFile() }
            try await serve(.descriptor(socket.descriptor))
        case .loopback(let host, let port):
            try await serve(.loopback(host: host, port: Int(port)))
        }
    }

    private func serve(_ listener: GatewayServer.Listener) async throws {
        let server = GatewayServer(gateway, on: listener, logger: logger) { [logger, listens] place in
            listens.finish()
            logger.info("the gateway listens", metadata: ["address": "\(place.map { "\($0)" } ?? "?")"])
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await gateway.hub.run() }
            group.addTask { try await server.run() }
            // Whichever fails ends the other.
            try await group.waitForAll()
        }
    }
}
