import Glibc
import NIOCore
import Synchronization

/// What the processes at the other ends take of what all connections share: places for connections and calls, and room for responses that
/// nobody reads.
///
/// A process may take all of it while nobody else wants any. When it is all taken, who has less than an equal share of it is served
/// all the same, and who has more is not: so no process keeps another one out, however much it holds on to. All together may therefore get at
/// most twice as much as the limits say.
final class PeerShares: Sendable {
    struct Limits: Sendable, Hashable {
        /// Calls that run, or whose responses are not read.
        var calls: Int
        /// Bytes of such responses: more calls are refused.
        var responseBytes: Int
    }

    private struct State {
        var peers: [pid_t: Peer] = [:]
        var calls = 0
    }

    private struct Peer {
        let responses: ConnectionMemory
        var connections = 0
        var calls = 0
    }

    let limits: Limits
    /// Of all processes.
    let responses = ConnectionMemory()
    private let state = Mutex(State())

    init(limits: Limits) { self.limits = limits }

    /// A connection of a process, for as long as somebody holds it.
    /// - Parameter process: 0 for those of other PID namespaces, which count as one.
    func connection(of process: pid_t) -> PeerShare {
        let memory = state.withLock { state in
            var peer = state.peers[process] ?? Peer(responses: ConnectionMemory(within: responses))
            peer.connections += 1
            state.peers[process] = peer
            return peer.responses
        }
        return PeerShare(of: process, responses: memory, shares: self)
    }

    /// Calls that have a place.
    var calls: Int { state.withLock { $0.calls } }

    /// Processes that have a connection, or a call that has not ended.
    var peers: Int { state.withLock { $0.peers.count } }

    fileprivate func takeCall(_ process: pid_t) -> Bool {
        state.withLock { state in
            guard var peer = state.peers[process] else { return false }
            guard state.calls < limits.calls || peer.calls < limits.calls / state.peers.count else { return false }
            peer.calls += 1
            state.calls += 1
            state.peers[process] = peer
            return true
        }
    }

    fileprivate func endCall(_ process: pid_t) {
        change(process) { peer, state in
            peer.calls -= 1
            state.calls -= 1
        }
    }

    fileprivate func endConnection(_ process: pid_t) { change(process) { peer, _ in peer.connections -= 1 } }

    /// What it has is counted until the last call has ended, also when the client has left long before: a new connection does not make
    /// it another process.
    private func change(_ process: pid_t, _ change: (inout Peer, inout State) -> Void) {
        state.withLock { state in
            guard var peer = state.peers[process] else { return }
            change(&peer, &state)
            state.peers[process] = peer.connections > 0 || peer.calls > 0 ? peer : nil
        }
    }

    /// An equal share of the bytes.
    fileprivate var equalBytes: Int { limits.responseBytes / max(1, peers) }
}

/// One connection's part in what its process takes.
final class PeerShare: Sendable {
    let process: pid_t
    /// Of the process.
    let responses: ConnectionMemory
    private let shares: PeerShares

    fileprivate init(of process: pid_t, responses: ConnectionMemory, shares: PeerShares) {
        self.process = process
        self.responses = responses
        self.shares = shares
    }

    deinit { shares.endConnection(process) }

    /// A place for a call, as long as somebody holds it; nil when there is none.
    func call() -> CallPlace? {
        guard shares.takeCall(process) else { return nil }
        return CallPlace { [shares, process] in shares.endCall(process) }
    }

    /// How many bytes of responses the process has more than it may have; 0 as long as all together are within the limit.
    /// - Parameter size: of what would be added.
    func excess(adding size: Int = 0) -> Int {
        guard shares.responses.used + size > shares.limits.responseBytes else { return 0 }
        return max(0, responses.used + size - shares.equalBytes)
    }

    /// Calls of all processes that have places.
    var callsTogether: Int { shares.calls }
}

/// Gives the place of a call back when it goes.
final class CallPlace: Sendable {
    private let end: @Sendable () -> Void

    fileprivate init(end: @escaping @Sendable () -> Void) { self.end = end }

    deinit { end() }
}

/// Which process connected (unix(7), SO_PEERCRED).
enum PeerProcess {
    /// `struct ucred`.
    private struct Credentials: Sendable {
        var process: pid_t = 0
        var user: uid_t = 0
        var group: gid_t = 0
    }

    /// 0 where the kernel does not tell.
    static func of(_ channel: any Channel) -> EventLoopFuture<pid_t> {
        guard let socket = channel as? any SocketOptionProvider else { return channel.eventLoop.makeSucceededFuture(0) }
        let asked: EventLoopFuture<Credentials> = socket.unsafeGetSocketOption(
            level: .socket, name: .init(rawValue: SO_PEERCRED))
        return asked.map(\.process).recover { _ in 0 }
    }
}
