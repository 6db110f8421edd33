import CGantry
import Glibc
import JSON

/// One client's connection: a request is read, handed on, and its answer written.
final class ControlServerConnection {
    var onRequest: ((ControlRequest) -> Void)?
    /// Its request has been read.
    var onWhole: (() -> Void)?
    var onEnd: (() -> Void)?
    /// Asks for room for so many bytes of a request, or gives it back.
    var reserve: (Int) -> Bool = { _ in true }
    var parse: ([UInt8], @escaping (Result<JSON, EngineError>) -> Void) -> Void = { _, _ in }
    var discard: (JSON) -> Void = { _ in }
    private(set) var hasOutput = false

    private let socket: Descriptor
    private let loop: EventLoop
    private var input: [UInt8] = []
    private var expected: Int?
    private var reserved = 0
    private var isWhole = false
    private var descriptors: [Descriptor] = []
    private var request: ControlRequest?
    private var output: [UInt8] = []
    /// How much of it has been sent.
    private var sent = 0
    private var outputDescriptors: [Descriptor] = []
    private var isLast = false
    private var deadline: EventLoop.Timer?

    private static let patience: Int64 = 10_000_000_000

    init(_ socket: Descriptor, loop: EventLoop) {
        self.socket = socket
        self.loop = loop
    }

    func start() {
        limit()
        watch(.read) { [unowned self] in readable() }
    }

    private func watch(_ interest: EventLoop.Interest, _ handler: @escaping () -> Void) {
        if (try? loop.watch(socket.raw, interest, "control", handler)) == nil { end() }
    }

    // MARK: Reading

    private func readable() {
        var bound = LoopMeter.Bound.bytes
        while socket.raw >= 0, !isWhole, bound > 0 {
            let room = expected.map { $0 - input.count } ?? ControlProtocol.headerLength - input.count
            let before = input.count
            guard read(min(room, 64 << 10, bound)) else { return }
            bound -= input.count - before
            loop.meter.count(.bytes, input.count - before)
            if expected == nil, input.count == ControlProtocol.headerLength {
                guard let length = ControlProtocol.length(input), length > 0 else {
                    return reject(EngineError(.exhausted, "control request: has no byte or more than 16 MiB"))
                }
                // A small one, as a stop is, always has its place: so many connections there are.
                let isLarge = length > LoopMeter.Bound.document
                guard !isLarge || reserve(length) else {
                    return reject(
                        EngineError(
                            .exhausted, "control request: too much is being sent by others at once; try again"))
                }
                (expected, reserved) = (length, isLarge ? length : 0)
                input.removeAll(keepingCapacity: true)
            }
            if let expected, input.count == expected { return complete() }
        }
    }

    /// False when there is nothing to read for now, or ever.
    private func read(_ room: Int) -> Bool {
        var fds: [Int32] = [-1, -1, -1, -1]
        var count = fds.count
        let filled = input.count
        input.append(contentsOf: repeatElement(0, count: room))
        let got = input.withUnsafeMutableBytes { bytes in
            gantry_receive(socket.raw, bytes.baseAddress?.advanced(by: filled), room, &fds, &count)
        }
        let number = errno
        input.removeLast(room - max(0, got))
        descriptors += fds.prefix(count).map { Descriptor(owning: $0) }
        if got > 0 && descriptors.count <= fds.count { return true }
        if got < 0 && number == EAGAIN { return false }
        end()
        return false
    }

    private func complete() {
        deadline?.cancel()
        isWhole = true
        onWhole?()
        let bytes = input
        input = []
        watch(.hangup) { [unowned self] in end() }
        parse(bytes) { [weak self] result in self?.parsed(result, isLarge: bytes.count > LoopMeter.Bound.document) }
    }

    private func parsed(_ result: Result<JSON, EngineError>, isLarge: Bool) {
        release()
        guard socket.raw >= 0 else { return }
        let body: JSON
        do throws(EngineError) { body = try result.get() } catch { return reject(error) }
        let request = ControlRequest(body: body, descriptors: descriptors) { [weak self] frame, fds, isLast in
            self?.send(frame, fds, isLast)
        }
        if isLarge { request.discard = discard }
        descriptors = []
        self.request = request
        onRequest?(request)
    }

    private func release() {
        _ = reserve(-reserved)
        reserved = 0
    }

    private func reject(_ error: EngineError) {
        isWhole = true
        onWhole?()
        send(ControlProtocol.frame(ControlProtocol.failure(error)), [], true)
    }

    // MARK: Writing

    private func send(_ frame: [UInt8], _ fds: [Int32], _ isLast: Bool) {
        guard socket.raw >= 0 else { return }
        output += frame
        for fd in fds {
            let copy = fcntl(fd, F_DUPFD_CLOEXEC, 3)
            if copy >= 0 { outputDescriptors.append(Descriptor(owning: copy)) }
        }
        self.isLast = self.isLast || isLast
        hasOutput = true
        limit()
        flush()
    }

    private func flush() {
        var bound = LoopMeter.Bound.bytes
        while sent < output.count, bound > 0 {
            let fds = outputDescriptors.map(\.raw)
            let count = output.withUnsafeBytes { bytes in
                gantry_send(
                    socket.raw, bytes.baseAddress?.advanced(by: sent), min(bytes.count - sent, bound), fds, fds.count)
            }
            guard count > 0 else {
                if count < 0 && errno == EAGAIN { break }
                return end()
            }
            outputDescriptors = []
            sent += count
            bound -= count
        }
        if sent < output.count { return watch(.write) { [unowned self] in flush() } }
        (output, sent) = ([], 0)
        hasOutput = false
        deadline?.cancel()
        if isLast {
            guard request?.onHeard != nil else { return end() }
            // For the client it has ended.
            shutdown(socket.raw, Int32(SHUT_WR))
        }
        watch(.hangup) { [unowned self] in end() }
    }

    // MARK: Ending

    private func limit() {
        deadline?.cancel()
        deadline = loop.after(Self.patience) { [weak self] in self?.end() }
    }

    /// Whether nothing more is to be done for its client, who could have closed it.
    var isDone: Bool { isHeard && socket.raw >= 0 }

    /// Whether the client has read the last message.
    private var isHeard: Bool { isLast && !hasOutput && gantry_all_was_read(socket.raw) }

    /// Another needs its place.
    func drop() { end() }

    private func end() {
        guard socket.raw >= 0 else { return }
        let isHeard = isHeard
        hasOutput = false
        deadline?.cancel()
        release()
        loop.unwatch(socket.raw)
        socket.close()
        let request = request
        self.request = nil
        request?.end(isHeard: isHeard)
        onEnd?()
    }
}
