import GantryCore
import Glibc
import JSON

/// Runs a command on this process's own standard streams. Pipes and sockets are handed on; a terminal, a device or a file stays here, and
/// its bytes are carried: what a command is given becomes the property of its user.
struct ExecRelay {
    private let connection: ControlConnection

    init(_ connection: ControlConnection) {
        self.connection = connection
    }

    /// - Returns: what the supervisor answered.
    func run(_ request: JSON) throws(EngineError) -> JSON {
        var handed: [Int32] = []
        var held: [Descriptor] = []
        var input: InputRelay?
        var outputs: [(source: Descriptor, target: Int32)] = []
        for number in Int32(0)...2 {
            if StandardStream.isNameless(number) {
                handed.append(number)
                continue
            }
            let pipe = try Pipe()
            handed.append(number == 0 ? pipe.reader.raw : pipe.writer.raw)
            held.append(number == 0 ? pipe.reader : pipe.writer)
            if number == 0 { input = InputRelay(to: pipe.writer) } else { outputs.append((pipe.reader, number)) }
        }
        try connection.send(request, descriptors: handed)
        for descriptor in held { descriptor.close() }
        return try relay(&input, outputs)
    }

    private func relay(
        _ input: inout InputRelay?, _ outputs: [(source: Descriptor, target: Int32)]
    ) throws(EngineError) -> JSON {
        var answer: JSON?
        var deadline = Int64.max
        var lastReads = ExecCapture.lastReads
        while true {
            if let answer, outputs.allSatisfy({ $0.source.raw < 0 }) { return answer }
            var polled = outputs.map { pollfd(fd: $0.source.raw, events: Int16(POLLIN), revents: 0) }
            polled.append(pollfd(fd: answer == nil ? connection.fileDescriptor : -1, events: Int16(POLLIN), revents: 0))
            polled.append(input?.wanted ?? pollfd(fd: -1, events: 0, revents: 0))
            let left = deadline == Int64.max ? -1 : max(0, deadline - Clock.monotonic()) / 1_000_000
            guard poll(&polled, nfds_t(polled.count), Int32(clamping: left)) >= 0 || errno == EINTR else {
                throw .posix("waiting for output", errno)
            }
            if let answer, left == 0 {
                guard lastReads > 0, polled.prefix(outputs.count).contains(where: { $0.revents != 0 }) else {
                    return answer
                }
                lastReads -= 1
            }
            for (index, output) in outputs.enumerated() where polled[index].revents != 0 {
                if !Self.copy(from: output.source.raw, to: output.target) { output.source.close() }
            }
            if polled[outputs.count + 1].revents != 0 { input?.advance() }
            if polled[outputs.count].revents != 0 {
                answer = try ControlProtocol.unwrap(connection.receive().body)
                deadline = Clock.monotonic() + ExecCapture.drain
            }
        }
    }

    /// - Returns: false at the end of the source. What the target does not take is dropped, so that the command is not held up.
    static func copy(from source: Int32, to target: Int32) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 1) { buffer in
            let count = read(source, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR || errno == EAGAIN { return true }
            guard count > 0 else { return false }
            var rest = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            while !rest.isEmpty {
                let written = write(target, rest.baseAddress, rest.count)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { break }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
            return true
        }
    }
}

/// Carries standard input to a command that may not read it.
struct InputRelay {
    private let writer: Descriptor
    private var pending: [UInt8] = []

    init(to writer: Descriptor) {
        self.writer = writer
        writer.makeNonblocking()
    }

    /// What to wait for next.
    var wanted: pollfd {
        if writer.raw < 0 { return pollfd(fd: -1, events: 0, revents: 0) }
        return pending.isEmpty
            ? pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
            : pollfd(fd: writer.raw, events: Int16(POLLOUT), revents: 0)
    }

    mutating func advance() {
        guard writer.raw >= 0 else { return }
        if pending.isEmpty {
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            let count = read(0, &buffer, buffer.count)
            if count < 0, errno == EINTR || errno == EAGAIN { return }
            guard count > 0 else { return writer.close() }
            pending = Array(buffer[..<count])
        }
        let written = pending.withUnsafeBytes { write(writer.raw, $0.baseAddress, $0.count) }
        if written < 0, errno == EINTR || errno == EAGAIN { return }
        guard written > 0 else { return writer.close() }
        pending.removeFirst(written)
    }
}
