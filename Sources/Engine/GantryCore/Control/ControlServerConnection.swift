import CGantry
import Glibc
import JSON

/// One client's connection: a request is read, handed on, and its answer written.
final class ControlServerConnection {
    var onRequest: ((ControlRequest) -> Void)?
    var onEnd: (() -> Void)?
    private(set) var hasOutput = false

    private let socket: Descriptor
    private let loop: EventLoop
    private var input: [UInt8] = []
    private var expected: Int?
    private var descriptors: [Descriptor] = []
    private var request: ControlRequest?
    private var output: [UInt8] = []
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
        guard (try? loop.watch(socket.raw, .read, { [unowned self] in readable() })) != nil else { return end() }
        // The request is mostly there already.
        readable()
    }

    // MARK: Reading

    private func readable() {
        while socket.raw >= 0, request == nil {
            let room = expected.map { $0 - input.count } ?? ControlProtocol.headerLength - input.count
            guard read(min(room, 64 << 10)) else { return }
            if expected == nil, input.count == ControlProtocol.headerLength {
                guard let length = ControlProtocol.length(input), length > 0 else {
                    return reject(EngineError(.exhausted, "control request: has no byte or more than 16 MiB"))
                }
                expected = length
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
        let bytes = input
        input = []
        let body: JSON
        do {
            body = try JSON(parsing: bytes)
        } catch {
            return reject(EngineError(.invalid, "control request: is not JSON: \(error)"))
        }
        let request = ControlRequest(body: body, descriptors: descriptors) { [weak self] message, fds, isLast in
            self?.send(message, fds, isLast)
        }
        descriptors = []
        self.request = request
        guard (try? loop.watch(socket.raw, .hangup, { [unowned self] in end() })) != nil else { return end() }
        onRequest?(request)
    }

    private func reject(_ error: EngineError) {
        request = ControlRequest(body: .null, descriptors: []) { _, _, _ in }
        send(ControlProtocol.failure(error), [], true)
    }

    // MARK: Writing

    private func send(_ message: JSON, _ fds: [Int32], _ isLast: Bool) {
        guard socket.raw >= 0 else { return }
        output += ControlProtocol.frame(message)
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
        while !output.isEmpty {
            let fds = outputDescriptors.map(\.raw)
            let sent = output.withUnsafeBytes { gantry_send(socket.raw, $0.baseAddress, $0.count, fds, fds.count) }
            guard sent > 0 else {
                if sent < 0 && errno == EAGAIN,
                    (try? loop.watch(socket.raw, .write, { [unowned self] in flush() })) != nil
                {
                    return
                }
                return end()
            }
            outputDescriptors = []
            output.removeFirst(sent)
        }
        hasOutput = false
        deadline?.cancel()
        if isLast { return end() }
        if (try? loop.watch(socket.raw, .hangup, { [unowned self] in end() })) == nil { end() }
    }

    // MARK: Ending

    private func limit() {
        deadline?.cancel()
        deadline = loop.after(Self.patience) { [weak self] in self?.end() }
    }

    private func end() {
        guard socket.raw >= 0 else { return }
        hasOutput = false
        deadline?.cancel()
        loop.unwatch(socket.raw)
        socket.close()
        let request = request
        self.request = nil
        request?.cancel()
        onEnd?()
    }
}
