import CGantry
import Glibc
import JSON

/// The supervisor's end of the control socket. No client can make it wait: every descriptor is non-blocking, a request must be whole in
/// some seconds, and the number of connections is bounded, as is what all of them together have sent of requests that are not whole.
package final class ControlServer {
    private let loop: EventLoop
    private let work: Offload
    private let worker = Worker()
    private let listener: Descriptor
    private let handler: (ControlRequest) -> Void
    private var connections: [ObjectIdentifier: ControlServerConnection] = [:]
    /// Those whose request is not whole, oldest first.
    private var unread: [ControlServerConnection] = []
    private let places = ControlPlaces()

    /// Of which those that wait (`ControlPlaces`) leave some to those that are answered at once.
    static let maximumConnections = 1024
    /// Of all requests that are being read, in bytes.
    static let maximumInput = 64 << 20
    private var input = 0

    /// Listens at `control.sock` in `directory`.
    package init(
        loop: EventLoop, work: Offload, directory: String, handler: @escaping (ControlRequest) -> Void
    ) throws(EngineError) {
        self.loop = loop
        self.work = work
        self.handler = handler
        let path = "\(directory)/\(ControlProtocol.socketName)"
        let parent = try Descriptor(gantry_open_path(directory), "open \(directory)")
        listener = try Descriptor(gantry_listen(parent.raw, ControlProtocol.socketName, 1024), "listen on \(path)")
        try loop.watch(listener.raw, .read, "accept") { [unowned self] in acceptSome() }
    }

    /// Takes no more connections. Those that are there stay.
    package func close() {
        guard listener.raw >= 0 else { return }
        loop.unwatch(listener.raw)
        listener.close()
    }

    /// Whether answers are still on their way.
    package var isIdle: Bool { connections.values.allSatisfy { !$0.hasOutput } }

    private func acceptSome() {
        for _ in 0..<LoopMeter.Bound.connections {
            guard connections.count < Self.maximumConnections || makeRoom() else { return pause() }
            let fd = gantry_accept(listener.raw)
            guard fd >= 0 else {
                if errno == ECONNABORTED || errno == EINTR { continue }
                if errno == EMFILE || errno == ENFILE { pause() }
                return
            }
            loop.meter.count(.connections, 1)
            accept(Descriptor(owning: fd))
        }
    }

    private func accept(_ socket: Descriptor) {
        var uid: uid_t = .max
        // The file's mode says the same; this holds also where somebody changed it.
        guard gantry_peer_uid(socket.raw, &uid) == 0, uid == 0 || uid == geteuid() else { return }
        let connection = ControlServerConnection(socket, loop: loop)
        let id = ObjectIdentifier(connection)
        connection.reserve = { [unowned self] change in reserve(change) }
        connection.parse = { [unowned self] bytes, completion in parse(bytes, completion) }
        connection.discard = { [unowned self] body in work.discard(worker, body) }
        connection.onWhole = { [unowned self, unowned connection] in unread.removeAll { $0 === connection } }
        connection.onRequest = { [unowned self] request in take(request) }
        connection.onEnd = { [unowned self, unowned connection] in
            unread.removeAll { $0 === connection }
            connections.removeValue(forKey: id)
        }
        connections[id] = connection
        unread.append(connection)
        connection.start()
    }

    private func take(_ request: ControlRequest) {
        do throws(EngineError) { try places.admit(request) } catch { return request.fail(error) }
        handler(request)
    }

    /// Hangs up on a client that has not said what it wants, that does not read what it is told, or that has read everything.
    private func makeRoom() -> Bool {
        let idle = unread.first ?? connections.values.first { $0.hasOutput || $0.isDone }
        guard let idle else { return false }
        idle.drop()
        return true
    }

    /// False when there is no room for so many bytes more.
    private func reserve(_ change: Int) -> Bool {
        guard input + change <= Self.maximumInput else { return false }
        input += change
        return true
    }

    /// A large document is taken apart beside the loop.
    private func parse(_ bytes: [UInt8], _ completion: @escaping (Result<JSON, EngineError>) -> Void) {
        guard bytes.count > LoopMeter.Bound.document else {
            loop.meter.count(.documents, bytes.count)
            return completion(Result { () throws(EngineError) in try ControlProtocol.parse(bytes) })
        }
        work.attempt(
            worker, "request", { () throws(EngineError) in try ControlProtocol.parse(bytes) }, then: completion)
    }

    // The listener stays readable while clients queue up: look away for a moment instead of spinning.
    private func pause() {
        loop.unwatch(listener.raw)
        loop.after(50_000_000) { [weak self] in
            guard let self, listener.raw >= 0 else { return }
            try? loop.watch(listener.raw, .read, "accept") { [unowned self] in acceptSome() }
        }
    }
}
