import GantryCore
import GantryImages
import Glibc
import JSON

/// Runs a command with its output captured: bounded, and never waiting for a grandchild that keeps the pipes open.
struct ExecCapture {
    /// How long output may still come once the command has exited.
    static let drain: Int64 = 250_000_000
    /// How often pipes that still have something are read after that: what the command itself wrote is in them, and they hold one read's
    /// worth, or sixteen where their size was raised to what anybody may have.
    static let lastReads = 16

    private let connection: ControlConnection
    private let limit: Int

    init(_ connection: ControlConnection, limit: Int) {
        self.connection = connection
        self.limit = limit
    }

    func run(_ request: JSON) throws(EngineError) -> JSON {
        let input = try StandardStream.ended()
        let output = try Pipe()
        let error = try Pipe()
        try connection.send(request, descriptors: [input.raw, output.writer.raw, error.writer.raw])
        output.writer.close()
        error.writer.close()

        var captured = CapturedOutput(limit: limit)
        let answer = try collect(output.reader, error.reader, into: &captured)
        return [
            "exit_code": .integer(answer["exit_code"]?.int64Value ?? 255),
            "timed_out": .bool(answer["timed_out"]?.boolValue ?? false),
            "stdout": .string(Base64.encode(captured.bytes[0])), "stderr": .string(Base64.encode(captured.bytes[1])),
        ]
    }

    /// Reads both pipes until both are closed, or for a moment after the command's end.
    private func collect(_ output: Descriptor, _ error: Descriptor, into captured: inout CapturedOutput)
        throws(EngineError) -> JSON
    {
        var answer: JSON?
        var deadline = Int64.max
        var lastReads = Self.lastReads
        let streams = [output, error]
        while true {
            var polled = streams.map { pollfd(fd: $0.raw, events: Int16(POLLIN), revents: 0) }
            polled.append(pollfd(fd: answer == nil ? connection.fileDescriptor : -1, events: Int16(POLLIN), revents: 0))
            if let answer, output.raw < 0, error.raw < 0 { return answer }
            let left = deadline == Int64.max ? -1 : max(0, deadline - Clock.monotonic()) / 1_000_000
            guard poll(&polled, nfds_t(polled.count), Int32(left)) >= 0 || errno == EINTR else {
                throw .posix("waiting for output", errno)
            }
            if let answer, left == 0 {
                guard lastReads > 0, polled.contains(where: { $0.revents != 0 }) else { return answer }
                lastReads -= 1
            }
            for (index, stream) in streams.enumerated() where polled[index].revents != 0 {
                if try !captured.read(stream.raw, stream: index) { stream.close() }
            }
            if polled[2].revents != 0 {
                answer = try ControlProtocol.unwrap(connection.receive().body)
                deadline = Clock.monotonic() + Self.drain
            }
        }
    }
}
