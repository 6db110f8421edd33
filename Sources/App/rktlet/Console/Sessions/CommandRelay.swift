import Glibc
import JSON

/// A command's session, or an attached container's, with this process's own streams at its other end.
final class CommandRelay {
    private enum Channel {
        static let stdin: UInt8 = 0
        static let stdout: UInt8 = 1
        static let stderr: UInt8 = 2
        static let outcome: UInt8 = 3
        static let resize: UInt8 = 4
    }

    /// Control-P, Control-Q: leaves a container that has our keys.
    private static let leaving: [UInt8] = [0x10, 0x11]

    private let socket: SessionSocket
    private let terminal: RawTerminal?
    /// What the session is with, for errors.
    private let object: String
    private let canLeave: Bool
    private var isReading: Bool
    private var status: [UInt8] = []
    private var hasLeft = false
    private var isHeld = false

    /// - Parameter canLeave: whether ``leaving`` ends the session.
    init(
        _ socket: SessionSocket, terminal: RawTerminal?, input: Bool, canLeave: Bool = false, object: String
    ) {
        self.socket = socket
        self.terminal = terminal
        self.object = object
        self.canLeave = canLeave
        isReading = input
    }

    /// Until the session's end.
    ///
    /// - Returns: the command's exit code; 0 for a container that was left.
    /// - Throws: ``ConsoleError``.
    func run() throws -> Int32 {
        tellSize()
        if socket.hasEarly { try take() }
        while !socket.isOver, !hasLeft {
            socket.flush()
            // Negative ones are not looked at.
            var places = [
                pollfd(
                    fd: socket.descriptor, events: Int16(POLLIN | (socket.mustSend ? POLLOUT : 0)), revents: 0),
                pollfd(fd: isReading && !socket.isFull ? 0 : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: terminal?.resized ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&places, nfds_t(places.count), -1) > 0 else { continue }
            if places[2].revents != 0 { tellSize() }
            if places[1].revents != 0 { readInput() }
            if places[0].revents & ~Int16(POLLOUT) != 0 { try take() }
        }
        return hasLeft ? 0 : try code()
    }

    private func tellSize() {
        if let size = terminal?.size() { socket.send(size, on: Channel.resize) }
    }

    private func readInput() {
        var chunk = [UInt8](repeating: 0, count: 32_768)
        let count = read(0, &chunk, chunk.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return }
        guard count > 0 else {
            isReading = false
            return socket.sendEnd(of: Channel.stdin)
        }
        let typed = chunk[..<count]
        guard canLeave else { return socket.send(typed, on: Channel.stdin) }
        passUnlessLeaving(typed)
    }

    private func passUnlessLeaving(_ typed: ArraySlice<UInt8>) {
        var passed: [UInt8] = []
        for byte in typed {
            if isHeld, byte == Self.leaving[1] {
                hasLeft = true
                break
            }
            if isHeld { passed.append(Self.leaving[0]) }
            isHeld = byte == Self.leaving[0]
            if !isHeld { passed.append(byte) }
        }
        if !passed.isEmpty { socket.send(passed, on: Channel.stdin) }
    }

    private func take() throws {
        for event in try socket.receive() {
            guard case .data(let channel, let bytes) = event else { continue }
            switch channel {
            case Channel.stdout: try write(bytes, to: 1)
            case Channel.stderr: try write(bytes, to: 2)
            case Channel.outcome: status += bytes
            default: break
            }
        }
    }

    private func write(_ bytes: ArraySlice<UInt8>, to descriptor: CInt) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 { rest = rest.dropFirst(count); continue }
            switch errno {
            case EINTR: break
            case EAGAIN:
                var place = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&place, 1, -1)
            default:
                throw ConsoleError("what \(object) says cannot be written: \(String(cString: strerror(errno)))")
            }
        }
    }

    /// A `metav1.Status` says how it ended.
    private func code() throws -> Int32 {
        guard !status.isEmpty, let status = try? JSON(parsing: status) else {
            throw ConsoleError("\(object): the session was cut off: the daemon ended, or closed it")
        }
        if status["status"]?.stringValue == "Success" { return 0 }
        let causes = status["details"]?["causes"]?.arrayValue ?? []
        for cause in causes where cause["reason"]?.stringValue == "ExitCode" {
            if let code = cause["message"]?.stringValue.flatMap({ Int32($0) }) { return code }
        }
        let why = causes.first?["message"]?.stringValue ?? status["message"]?.stringValue ?? "no reason was given"
        throw ConsoleError(ConsoleError.text(why, about: object))
    }
}
