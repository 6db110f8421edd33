import Glibc

/// One connection from the host to a port of a pod: bytes both ways, each way's end by itself.
package final class PortRelay {
    private enum State {
        case connecting(LoopbackAttempt)
        case open(OneWay, OneWay)
        case over
    }

    private let client: Descriptor
    private var state: State

    init(_ client: Descriptor, port: UInt16) {
        self.client = client
        state = .over
        var attempt = LoopbackAttempt(port: port)
        take(attempt.begin(), attempt)
    }

    package var isOver: Bool { if case .over = state { true } else { false } }

    package var deadline: Int64? { if case .connecting(let attempt) = state { attempt.deadline } else { nil } }

    /// What to wait for next.
    package var wanted: [pollfd] {
        switch state {
        case .connecting(let attempt): [pollfd(fd: attempt.descriptor, events: Int16(POLLOUT), revents: 0)]
        case .open(let out, let back): [out.wanted, back.wanted]
        case .over: []
        }
    }

    package func advance() {
        switch state {
        case .connecting(var attempt):
            let step = attempt.advance()
            take(step, attempt)
        case .open(let out, let back):
            out.advance()
            back.advance()
            if out.isOver && back.isOver || out.isBroken || back.isBroken { state = .over }
        case .over: break
        }
    }

    private func take(_ step: LoopbackAttempt.Step, _ attempt: LoopbackAttempt) {
        switch step {
        case .waits: state = .connecting(attempt)
        case .connected(let pod): state = .open(OneWay(from: client, to: pod), OneWay(from: pod, to: client))
        case .failed(let error):
            StandardError.write(error.message)
            client.close()
            state = .over
        }
    }
}

/// One direction of a connection.
private final class OneWay {
    private let source: Descriptor
    private let target: Descriptor
    private var pending: [UInt8] = []
    private var hasEnded = false
    private(set) var isOver = false
    private(set) var isBroken = false

    private static let share = 64 << 10

    init(from source: Descriptor, to target: Descriptor) {
        self.source = source
        self.target = target
    }

    var wanted: pollfd {
        if isOver { return pollfd(fd: -1, events: 0, revents: 0) }
        return pending.isEmpty
            ? pollfd(fd: source.raw, events: Int16(POLLIN), revents: 0)
            : pollfd(fd: target.raw, events: Int16(POLLOUT), revents: 0)
    }

    func advance() {
        guard !isOver else { return }
        if pending.isEmpty && !hasEnded { fill() }
        if !pending.isEmpty { empty() }
        if pending.isEmpty && hasEnded {
            shutdown(target.raw, Int32(SHUT_WR))
            isOver = true
        }
    }

    private func fill() {
        withUnsafeTemporaryAllocation(byteCount: Self.share, alignment: 1) { space in
            let got = read(source.raw, space.baseAddress, space.count)
            if got > 0 {
                pending = Array(space[..<got])
            } else if got == 0 {
                hasEnded = true
            } else if errno != EAGAIN && errno != EINTR {
                isBroken = true
            }
        }
    }

    private func empty() {
        let sent = pending.withUnsafeBytes { write(target.raw, $0.baseAddress, $0.count) }
        if sent < 0 {
            if errno != EAGAIN && errno != EINTR { isBroken = true }
            return
        }
        pending.removeFirst(sent)
    }
}
