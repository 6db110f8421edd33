import Dispatch
import GRPCCore
import GRPCTransport
import Glibc
import NIOCore

/// The server that grpcio and nghttp are let loose on. `--listen ADDRESS` or `--activated`, and limits as `--NAME-ms N` and
/// `--NAME-bytes N`.
///
/// It prints "listening ADDRESS" once clients can connect, notices as "notice TEXT", and "stopped" at its very end.
/// SIGTERM drains it.
@main
struct InteropServer {
    static func main() async throws {
        let arguments = CommandLine.arguments
        let transport = NGHTTP2ServerTransport(
            listener: try listener(arguments), configuration: configuration(arguments))
        let ledger = CallLedger()
        let server = GRPCServer(
            transport: transport,
            services: [
                EchoService(ledger: ledger), ControlService(ledger: ledger) { transport.activity },
            ]
        )
        let terminate = await onTerminate { server.beginGracefulShutdown() }
        defer { terminate.cancel() }
        do {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await server.serve() }
                say("listening \(try await transport.listeningAddress)")
            }
        } catch let error as RuntimeError {
            say("failed \(error.cause.map { "\($0)" } ?? error.message)")
            exit(1)
        } catch {
            say("failed \(error)")
            exit(1)
        }
        say("stopped")
    }

    /// Returns once the signal is really watched for: until then it would be lost.
    private static func onTerminate(_ action: @escaping @Sendable () -> Void) async -> any DispatchSourceSignal {
        signal(SIGTERM, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
        source.setEventHandler(handler: action)
        await withCheckedContinuation { registered in
            source.setRegistrationHandler { registered.resume() }
            source.resume()
        }
        return source
    }

    private static func listener(_ arguments: [String]) throws -> TransportListener {
        if arguments.contains("--activated") {
            let environment = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"].reduce(into: [String: String]()) {
                result, name in
                result[name] = getenv(name).map { String(cString: $0) }
            }
            guard let socket = try SocketActivation.only(SocketActivation.take(environment: environment)) else {
                say("failed no socket was passed on")
                exit(1)
            }
            return .inherited(descriptor: socket.descriptor)
        }
        do throws(ListenError) {
            return .unix(path: try UnixSocketPath(value("--listen", arguments) ?? ""))
        } catch {
            say("failed \(error)")
            exit(1)
        }
    }

    private static func configuration(_ arguments: [String]) -> TransportConfiguration {
        func time(_ name: String, _ standard: TimeAmount) -> TimeAmount {
            value("--\(name)-ms", arguments).flatMap { Int64($0) }.map { .milliseconds($0) } ?? standard
        }
        var configuration = TransportConfiguration()
        var limits = configuration.limits
        limits.handshakeTimeout = time("handshake", limits.handshakeTimeout)
        limits.stallTimeout = time("stall", limits.stallTimeout)
        limits.crowdedStallTimeout = time("crowded", limits.crowdedStallTimeout)
        limits.maxBufferedResponseBytes =
            value("--unread-bytes", arguments).flatMap { Int($0) } ?? limits.maxBufferedResponseBytes
        limits.maxHeldResponseBytes =
            value("--held-bytes", arguments).flatMap { Int($0) } ?? limits.maxHeldResponseBytes
        limits.keepaliveTime = time("keepalive", limits.keepaliveTime)
        limits.keepaliveTimeout = time("keepalive-timeout", limits.keepaliveTimeout)
        limits.maxIdleTime = time("idle", limits.maxIdleTime)
        limits.drainCancelAfter = time("drain-cancel", limits.drainCancelAfter)
        limits.drainCloseAfter = time("drain-close", limits.drainCloseAfter)
        limits.maxConnections = value("--connections", arguments).flatMap { Int($0) } ?? limits.maxConnections
        configuration.limits = limits
        configuration.report = { say("notice \($0)") }
        return configuration
    }

    private static func value(_ name: String, _ arguments: [String]) -> String? {
        guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return nil }
        return arguments[index + 1]
    }
}

/// Writes a line at once: `print` keeps it back when the output is a pipe.
private func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = write(STDOUT_FILENO, bytes, bytes.count)
}
