import GantryCore
import Glibc
import JSON

/// Connects this process's terminal with the one the command was given, until the command ends.
struct ExecTerminal {
    private let connection: ControlConnection

    init(_ connection: ControlConnection) {
        self.connection = connection
    }

    /// - Returns: the command's exit code.
    func run(_ request: JSON) throws(EngineError) -> Int32 {
        var request = request.objectValue ?? [:]
        // The command finds its terminal in the right size from its first moment on.
        if let size = OwnTerminal.size() {
            request["size"] = ["height": .integer(Int64(size.ws_row)), "width": .integer(Int64(size.ws_col))]
        }
        try connection.send(.object(request))
        let started = try connection.receive()
        _ = try ControlProtocol.unwrap(started.body)
        guard let terminal = started.descriptors.first else {
            throw EngineError(.internal, "the supervisor sent no terminal")
        }
        let own = OwnTerminal()
        defer { own.restore() }
        own.copySize(to: terminal.raw)
        return try relay(terminal, own)
    }

    private func relay(_ terminal: Descriptor, _ own: OwnTerminal) throws(EngineError) -> Int32 {
        var input = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
        var output = pollfd(fd: terminal.raw, events: Int16(POLLIN), revents: 0)
        while true {
            var polled = [
                input, output, pollfd(fd: connection.fileDescriptor, events: Int16(POLLIN), revents: 0),
            ]
            // SIGWINCH interrupts the wait; one that came just before it is seen a second later.
            guard poll(&polled, nfds_t(polled.count), 1000) >= 0 || errno == EINTR else {
                throw .posix("waiting for the terminal", errno)
            }
            own.copySize(to: terminal.raw)
            if polled[0].revents != 0, !Self.copy(from: 0, to: terminal.raw) { input.fd = -1 }
            if polled[1].revents != 0, !Self.copy(from: terminal.raw, to: 1) { output.fd = -1 }
            if polled[2].revents != 0 {
                let code = try ExecInApp.exitCode(ControlProtocol.unwrap(connection.receive().body))
                while output.fd >= 0, Self.hasMore(terminal.raw), Self.copy(from: terminal.raw, to: 1) {}
                return code
            }
        }
    }

    private static func hasMore(_ descriptor: Int32) -> Bool {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, 0) > 0
    }

    /// - Returns: false at the end of either side; a terminal's end reads as an error.
    private static func copy(from source: Int32, to target: Int32) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 1) { buffer in
            let count = read(source, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR || errno == EAGAIN { return true }
            guard count > 0 else { return false }
            var rest = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            while !rest.isEmpty {
                let written = write(target, rest.baseAddress, rest.count)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { return false }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
            return true
        }
    }
}
