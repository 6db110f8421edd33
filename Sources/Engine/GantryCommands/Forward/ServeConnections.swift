import GantryCore
import Glibc
import JSON

/// Makes connections into a pod for a program, for as long as that holds the other end of the socket and the pod runs: one message asks for
/// one, `{"id":N,"port":PORT}`, and another answers it, with the connected socket.
struct ServeConnections: Verb, Equatable {
    static let title = "port-forward"

    var context: EngineContext
    /// A UUID or its beginning.
    var pod: String
    var socket: Int32

    /// Connections that are being made at once.
    private static let most = 256

    func perform() throws(EngineError) {
        let socket = try HandoverSocket(socket)
        let life = try PodLife(context.store, context.store.resolve(pod))
        try PodNetworkEntry.enter(life.record)
        try socket.send(["ready": true])
        var attempts: [(id: Int64, attempt: LoopbackAttempt)] = []
        while true {
            var polled = [socket.descriptor, life.descriptor].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            polled += attempts.map { pollfd(fd: $0.attempt.descriptor, events: Int16(POLLOUT), revents: 0) }
            guard poll(&polled, nfds_t(polled.count), Self.timeout(attempts.map(\.attempt.deadline))) >= 0 else {
                if errno == EINTR { continue }
                throw .posix("wait for connections", errno)
            }
            // What its caller has asked for then is of no use to him any more.
            if polled[1].revents != 0 { return }
            var waiting: [(id: Int64, attempt: LoopbackAttempt)] = []
            for (id, begun) in attempts {
                var attempt = begun
                let step = attempt.advance()
                if try !answer(id, step, socket) { waiting.append((id, attempt)) }
            }
            attempts = waiting
            guard polled[0].revents != 0 else { continue }
            guard let request = try socket.receive() else { return }
            try begin(request, socket, &attempts)
        }
    }

    private func begin(
        _ request: JSON, _ socket: HandoverSocket, _ attempts: inout [(id: Int64, attempt: LoopbackAttempt)]
    ) throws(EngineError) {
        guard let id = request["id"]?.int64Value, let number = request["port"]?.int64Value,
            let port = UInt16(exactly: number), port > 0
        else { throw EngineError(.invalid, "session: a request must have an id and a port from 1 to 65535") }
        guard attempts.count < Self.most else {
            let error = EngineError(.exhausted, "\(Self.most) connections are being made; try again when one is")
            _ = try answer(id, .failed(error), socket)
            return
        }
        var attempt = LoopbackAttempt(port: port)
        let step = attempt.begin()
        if try !answer(id, step, socket) { attempts.append((id, attempt)) }
    }

    /// - Returns: false while there is nothing to say.
    private func answer(_ id: Int64, _ step: LoopbackAttempt.Step, _ socket: HandoverSocket) throws(EngineError) -> Bool
    {
        switch step {
        case .waits: return false
        case .connected(let connection):
            try socket.send(["id": .integer(id), "ok": true], [connection.raw])
        case .failed(let error):
            try socket.send(["id": .integer(id), "ok": false, "error": .object(error.fields.mapValues(JSON.string))])
        }
        return true
    }

    /// Until the first of the deadlines, in milliseconds.
    static func timeout(_ deadlines: [Int64]) -> Int32 {
        guard let next = deadlines.min() else { return -1 }
        return Int32(clamping: max(0, next - Clock.monotonic()) / 1_000_000 + 1)
    }
}
