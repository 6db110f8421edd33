import ByteText
import Domain
import NIOCore

/// A client that forwards ports over SPDY: for each connection a stream of data and one for an error, which belong together by their `requestID`.
final class SPDYPortForward: SPDYUser, ForwardedClient {
    private struct Pair {
        var data: SPDYStreamID?
        var error: SPDYStreamID?
        var port: UInt16
        var timer: Scheduled<Void>?
    }

    private struct Running {
        let data: SPDYStreamID
        let error: SPDYStreamID
    }

    private let spdy: SPDYSession
    private let services: SessionServices
    private let session: PortForwardSession
    /// Those that are not whole yet.
    private var pairs: [ByteString: Pair] = [:]
    private var connections: [SPDYStreamID: ForwardedConnection] = [:]
    private var running: [ObjectIdentifier: Running] = [:]
    /// Data that came before its pair was whole.
    private var early: [SPDYStreamID: (bytes: [ByteBuffer], isEnded: Bool)] = [:]

    init(pod: PodID, over spdy: SPDYSession, services: SessionServices) {
        self.spdy = spdy
        self.services = services
        session = PortForwardSession(pod: pod, link: spdy.link, services: services)
        session.onPodEnd = { [weak self] error in self?.podEnded(error) }
    }

    private func podEnded(_ error: DomainError) {
        for connection in Array(connections.values) { connection.fail(error) }
        for (key, pair) in pairs {
            pair.timer?.cancel()
            giveUp(key, because: error.message)
        }
        spdy.finish()
        spdy.flush()
    }

    // MARK: SPDYUser

    func opened(_ id: SPDYStreamID, _ headers: SPDYHeaders) {
        guard let port = headers["port"].flatMap(UInt16.init(digits:)), port > 0, let type = headers["streamType"],
            type.isSame(as: "data") || type.isSame(as: "error")
        else { return spdy.reset(id, .protocolError) }
        let isData = type.isSame(as: "data")
        let key = ByteString(Self.request(id, headers, isData: isData))
        var pair = pairs[key] ?? Pair(port: port)
        guard (isData ? pair.data : pair.error) == nil, pair.port == port else { return spdy.reset(id, .streamInUse) }
        spdy.accept(id)
        if isData {
            pair.data = id
            early[id] = ([], false)
        } else {
            pair.error = id
        }
        guard let data = pair.data, let error = pair.error else {
            pair.timer = spdy.link.eventLoop.assumeIsolated().scheduleTask(in: services.times.creation) { [weak self] in
                self?.giveUp(key, because: "the stream of data of this connection was not opened in time")
            }
            pairs[key] = pair
            return
        }
        pair.timer?.cancel()
        pairs[key] = nil
        begin(data: data, error: error, port: port)
    }

    /// Old clients give no id: there the streams of a connection have numbers that follow each other, the error's first.
    private static func request(_ id: SPDYStreamID, _ headers: SPDYHeaders, isData: Bool) -> String {
        if let request = headers["requestID"], !request.isEmpty { return "=" + request }
        return isData ? "\(id &- 2)" : "\(id)"
    }

    private func giveUp(_ key: ByteString, because why: String) {
        guard let pair = pairs.removeValue(forKey: key) else { return }
        if let id = pair.error {
            spdy.send(ByteBuffer(string: why), on: id)
            spdy.end(id)
        }
        if let id = pair.data {
            early[id] = nil
            spdy.reset(id, .cancel)
        }
        spdy.flush()
    }

    private func begin(data: SPDYStreamID, error: SPDYStreamID, port: UInt16) {
        let connection = ForwardedConnection(port: port, session: session, client: self)
        connections[data] = connection
        running[ObjectIdentifier(connection)] = Running(data: data, error: error)
        if let early = early.removeValue(forKey: data) {
            for bytes in early.bytes { connection.receive(bytes) }
            if early.isEnded { connection.clientEnded() }
        }
        connection.begin()
    }

    func received(_ bytes: ByteBuffer, on id: SPDYStreamID) {
        if let connection = connections[id] {
            connection.receive(bytes)
        } else if early[id] != nil {
            early[id]?.bytes.append(bytes)
            // No client sends before both are there: what keeps to its window cannot fill more than that.
            if (early[id]?.bytes.reduce(0) { $0 + $1.readableBytes } ?? 0) > PortForwardSession.connectionLimit {
                early[id] = nil
                spdy.reset(id, .flowControlError)
            }
        } else {
            spdy.consumed(bytes.readableBytes, of: id)
        }
    }

    func ended(_ id: SPDYStreamID) {
        connections[id]?.clientEnded()
        early[id]?.isEnded = true
    }

    func reset(_ id: SPDYStreamID) {
        early[id] = nil
        if let connection = connections.removeValue(forKey: id) {
            let streams = running.removeValue(forKey: ObjectIdentifier(connection))
            connection.abandon()
            if let error = streams?.error { spdy.end(error) }
        }
        for (key, pair) in pairs where pair.data == id || pair.error == id {
            pair.timer?.cancel()
            pairs[key] = nil
            if let other = pair.data == id ? pair.error : pair.data { spdy.reset(other, .cancel) }
        }
    }

    func becameWritable() {
        for connection in Array(connections.values) { connection.clientBecameReady() }
    }

    func left() {
        let all = Array(connections.values)
        for pair in pairs.values { pair.timer?.cancel() }
        (connections, running, early, pairs) = ([:], [:], [:], [:])
        session.end()
        for connection in all { connection.abandon() }
    }

    // MARK: ForwardedClient

    func canTake(_ connection: ForwardedConnection) -> Bool {
        running[ObjectIdentifier(connection)].map { spdy.canTake($0.data) } ?? true
    }

    func send(_ bytes: ByteBuffer, from connection: ForwardedConnection) {
        if let streams = running[ObjectIdentifier(connection)] { spdy.send(bytes, on: streams.data) }
    }

    func flush() { spdy.flush() }

    func consumed(_ count: Int, by connection: ForwardedConnection) {
        if let streams = running[ObjectIdentifier(connection)] { spdy.consumed(count, of: streams.data) }
    }

    func podEnded(_ connection: ForwardedConnection) {
        guard let streams = running[ObjectIdentifier(connection)] else { return }
        spdy.end(streams.data)
        // kubectl closes its side of the data only when it has seen the end of this one.
        spdy.end(streams.error)
    }

    func over(_ connection: ForwardedConnection, _ error: DomainError?) {
        guard let streams = running.removeValue(forKey: ObjectIdentifier(connection)) else { return }
        connections[streams.data] = nil
        if let error {
            spdy.send(ByteBuffer(string: "forwarding port \(connection.port): \(error.message)"), on: streams.error)
            spdy.reset(streams.data, .cancel)
        } else {
            spdy.end(streams.data)
        }
        spdy.end(streams.error)
    }
}
