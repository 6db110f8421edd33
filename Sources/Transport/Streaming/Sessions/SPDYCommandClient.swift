import ByteText
import Domain
import NIOCore

/// The client of a command over SPDY: a stream for each of what it asked for, by their header `streamType`.
final class SPDYCommandClient: CommandClient, SPDYUser {
    private enum Role: String { case error, stdin, stdout, stderr, resize }

    private let spdy: SPDYSession
    private let version: SPDYProtocol
    private let expected: Set<Role>
    private let creation: TimeAmount
    private var roles: [SPDYStreamID: Role] = [:]
    private var ids: [Role: SPDYStreamID] = [:]
    private var sizes = ResizeReader()
    private var session: CommandSession?
    private var timer: Scheduled<Void>?

    init(_ grant: CommandGrant, over spdy: SPDYSession, version: SPDYProtocol, services: SessionServices) {
        self.spdy = spdy
        self.version = version
        var expected: Set<Role> = [.error]
        if grant.streams.stdin { expected.insert(.stdin) }
        if grant.streams.stdout { expected.insert(.stdout) }
        if grant.streams.stderr { expected.insert(.stderr) }
        if grant.isTerminal && version.hasResize { expected.insert(.resize) }
        self.expected = expected
        creation = services.times.creation
        session = CommandSession(grant, client: self, services: services, eventLoop: spdy.link.eventLoop)
    }

    /// Waits for the streams.
    func begin() {
        timer = spdy.link.eventLoop.assumeIsolated().scheduleTask(in: creation) { [weak self] in self?.sendAway() }
    }

    private func sendAway() {
        let session = session
        self.session = nil
        finishStreams(SessionOutcome.failed(DomainError(.deadlineExceeded, "not all streams were opened in time")))
        session?.clientLeft()
    }

    // MARK: CommandClient

    func canTake(_ stream: OutputStream) -> Bool { id(stream).map(spdy.canTake) ?? true }

    func send(_ bytes: ByteBuffer, on stream: OutputStream) { if let id = id(stream) { spdy.send(bytes, on: id) } }

    func flush() { spdy.flush() }

    func consumed(_ count: Int) { if let id = ids[.stdin] { spdy.consumed(count, of: id) } }

    var isReading: Bool {
        get { spdy.link.isReading }
        set { spdy.link.isReading = newValue }
    }

    func finish(_ outcome: SessionOutcome) {
        session = nil
        finishStreams(outcome)
    }

    private func finishStreams(_ outcome: SessionOutcome) {
        timer?.cancel()
        for role in [Role.stdin, .stdout, .stderr, .resize] { if let id = ids[role] { spdy.end(id) } }
        if let id = ids[.error] {
            let text = version.hasStatus ? outcome.status : outcome.plainText
            spdy.send(ByteBuffer(bytes: text), on: id)
            spdy.end(id)
        }
        spdy.finish()
    }

    private func id(_ stream: OutputStream) -> SPDYStreamID? { ids[stream == .stdout ? .stdout : .stderr] }

    // MARK: SPDYUser

    func opened(_ id: SPDYStreamID, _ headers: SPDYHeaders) {
        guard let role = headers["streamType"].flatMap(Role.init(rawValue:)) else {
            return spdy.reset(id, .protocolError)
        }
        guard ids[role] == nil else { return spdy.reset(id, .streamInUse) }
        guard expected.contains(role) else { return spdy.reset(id, .refusedStream) }
        ids[role] = id
        roles[id] = role
        spdy.accept(id)
        // The first version's clients wait for it.
        if version == .v1 && role == .stdin { spdy.end(id) }
        guard ids.count == expected.count else { return }
        timer?.cancel()
        session?.begin()
    }

    func received(_ bytes: ByteBuffer, on id: SPDYStreamID) {
        switch roles[id] {
        case .stdin:
            if let session { session.receive(bytes) } else { spdy.consumed(bytes.readableBytes, of: id) }
        case .resize:
            spdy.consumed(bytes.readableBytes, of: id)
            if let size = sizes.read(bytes) { session?.resize(to: size) }
        case .error, .stdout, .stderr, nil:
            spdy.consumed(bytes.readableBytes, of: id)
        }
    }

    func ended(_ id: SPDYStreamID) { if roles[id] == .stdin { session?.endInput() } }

    func reset(_ id: SPDYStreamID) {
        // Of the input it is the end; of an output: what it has to say is thrown away.
        if roles[id] == .stdin { session?.endInput() }
        session?.clientBecameReady()
    }

    func becameWritable() { session?.clientBecameReady() }

    func left() {
        timer?.cancel()
        let session = session
        self.session = nil
        session?.clientLeft()
    }
}
