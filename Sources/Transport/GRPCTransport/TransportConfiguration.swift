import HTTP2
import NIOCore

/// What the transport grants its clients. The defaults suit a CRI socket.
package struct TransportConfiguration: Sendable {
    /// The HTTP/2 part: streams, windows, header sizes, floods.
    package var session = SessionConfiguration()
    package var limits = Limits()
    /// Called, on any thread, with what an operator may want to see in a log. It must return at once.
    package var report: @Sendable (TransportNotice) -> Void = { _ in }

    package init() {}

    /// Bounds in bytes, counts and time.
    package struct Limits: Sendable, Hashable {
        /// Largest request message, as sent and once decompressed.
        package var maxRequestMessageSize = 16 * 1024 * 1024
        /// Request bytes one connection may have waiting for its handlers.
        package var maxBufferedRequestBytes = 64 * 1024 * 1024
        /// Bytes that the requests of all connections together may take: those that have not arrived whole, and messages that wait for their
        /// handlers.
        package var maxRequestBytesTogether = 128 * 1024 * 1024
        /// How long a request may hold some of that undisturbed; then, when others want it, the one that has held for longest goes.
        package var requestPatience: TimeAmount = .milliseconds(250)
        /// Response bytes one connection may have waiting before its new requests are refused.
        package var maxBufferedResponseBytes = 64 * 1024 * 1024
        /// Response bytes one connection may have waiting at all: a response that would be more than that is refused with
        /// RESOURCE_EXHAUSTED instead of being kept. Above the former, since calls that run already are to be answered.
        package var maxHeldResponseBytes = 128 * 1024 * 1024
        /// Response bytes of one stream that wait before its writer is suspended.
        package var responseHighWaterMark = 64 * 1024
        /// Response bytes that all connections together may have waiting. Above it a process that has more than an equal share of that is
        /// answered RESOURCE_EXHAUSTED; one that has less is served.
        package var maxResponseBytesTogether = 256 * 1024 * 1024
        /// Connections open at once; for one more, the one that has been without a call for longest is closed, or one of the process that
        /// has most.
        package var maxConnections = 512
        /// Connections that wait to be accepted; the kernel has a bound of its own (net.core.somaxconn).
        package var backlog: Int32 = 1024
        /// RPCs of one connection whose handlers run, also after their client gave up; more are refused.
        package var maxRunningRPCsPerConnection = 1000
        /// Calls of all connections together that run, or whose responses are not read. Above it a process that has more than an equal
        /// share of that is answered RESOURCE_EXHAUSTED; one that has less is served. A kubelet has some hundreds at most.
        package var maxCallsTogether = 2000
        /// From connecting to the client's first SETTINGS.
        package var handshakeTimeout: TimeAmount = .seconds(10)
        /// How long the last words to a client that broke the rules may wait for room.
        package var goodbyeTimeout: TimeAmount = .seconds(1)
        /// How long a client may leave what is written to it unread.
        package var stallTimeout: TimeAmount = .seconds(60)
        /// How long it may do so with a stream while its connection has more waiting than `maxBufferedResponseBytes`.
        package var crowdedStallTimeout: TimeAmount = .seconds(5)
        /// Silence after which the client is asked for a sign of life (gRFC A8).
        package var keepaliveTime: TimeAmount = .hours(2)
        /// How long it has to give one.
        package var keepaliveTimeout: TimeAmount = .seconds(20)
        /// How long a connection may stay without a call before it is asked to go.
        package var maxIdleTime: TimeAmount = .hours(1)
        /// After this much of a graceful shutdown the RPCs that still run are cancelled.
        package var drainCancelAfter: TimeAmount = .seconds(10)
        /// After this much of a graceful shutdown the connections are closed.
        package var drainCloseAfter: TimeAmount = .seconds(15)

        package init() {}
    }
}

/// Something about the transport's connections an operator may want to know.
package enum TransportNotice: Sendable, Hashable, CustomStringConvertible {
    /// How much it matters.
    package enum Severity: Sendable, Hashable {
        /// For those who look for something.
        case routine
        /// Clients are turned away, or one does what no honest client does.
        case warning
    }

    /// The listening socket had an error and goes on.
    case acceptFailed(String)
    /// A client was turned away.
    case connectionRefused(String)
    /// A client takes more than it may: floods, or leaves its responses unread.
    case clientMisbehaved(String)
    /// A connection was ended by this side, or by an error on it.
    case connectionEnded(String)

    package var severity: Severity {
        switch self {
        case .acceptFailed, .connectionRefused, .clientMisbehaved: .warning
        case .connectionEnded: .routine
        }
    }

    package var description: String {
        switch self {
        case .acceptFailed(let reason): "accepting a gRPC connection failed: \(reason)"
        case .connectionRefused(let reason): "a gRPC connection was refused: \(reason)"
        case .clientMisbehaved(let reason): "a gRPC client asks for too much: \(reason)"
        case .connectionEnded(let reason): "a gRPC connection was ended: \(reason)"
        }
    }
}
