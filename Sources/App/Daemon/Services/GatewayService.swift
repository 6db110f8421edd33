import Domain
import GRPCTransport
import Gateway
import Logging
import ServiceLifecycle

/// The JSON gateway's doors, a Unix socket and perhaps TCP, and its events; it listens from the first moment, and says that the daemon is starting until the index is whole.
struct GatewayService: Service {
    let gateway: Gateway
    let addresses: GatewayAddresses
    /// What is asked for on TCP.
    let tokens: AccessPolicy
    let logger: Logger
    /// Opened once it listens everywhere.
    let listens: Latch

    func run() async throws {
        let (opened, open) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await gateway.hub.run() }
            group.addTask { try await gateway.followers.run() }
            group.addTask { await cancelWhenGracefulShutdown { await gateway.sessions.run() } }
            for address in addresses.all { group.addTask { try await serve(address, opened: open) } }
            group.addTask { await tellWhenAllAreOpen(opened) }
            // Whichever fails ends the others.
            while try await group.next() != nil {}
        }
    }

    private func serve(_ address: GatewayAddress, opened: AsyncStream<Void>.Continuation) async throws {
        switch address {
        case .unix(let path):
            // Nobody but root: what it can do is what root can.
            let socket = try UnixListener.open(try UnixSocketPath(path), mode: 0o600)
            defer { socket.removeFile() }
            try await serve(.descriptor(socket.descriptor), .socket, opened)
        case .loopback(let host, let port):
            try await serve(.loopback(host: host, port: Int(port)), tokens, opened)
        }
    }

    private func serve(
        _ listener: GatewayServer.Listener, _ access: AccessPolicy, _ opened: AsyncStream<Void>.Continuation
    ) async throws {
        let server = GatewayServer(gateway.responder(access), on: listener, logger: logger) { [logger] place in
            opened.yield()
            logger.info("the gateway listens", metadata: ["address": "\(place.map { "\($0)" } ?? "?")"])
        }
        try await server.run()
    }

    private func tellWhenAllAreOpen(_ opened: AsyncStream<Void>) async {
        await cancelWhenGracefulShutdown {
            var left = addresses.all.count
            for await _ in opened {
                left -= 1
                if left == 0 { return listens.open() }
            }
        }
    }
}
