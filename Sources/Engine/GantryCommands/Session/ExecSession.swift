import GantryCore
import Glibc
import JSON

/// Begins a command and hands its streams, and the connection whose end is the command's end, to the caller. No process is left between the
/// two: bytes pass through nobody, and a session that is idle costs its descriptors.
enum ExecSession {
    /// What the caller wants.
    struct Request: Equatable {
        var socket: Int32
        var stdin = false
        var stdout = false
        var stderr = false
        var size: TerminalSize?

        func run(
            in context: EngineContext, _ uuid: PodUUID, _ request: [String: JSON], tty: Bool
        ) throws(EngineError) {
            let socket = try HandoverSocket(socket)
            var body = request
            body["session"] = true
            if tty, let size { body["size"] = size.json }
            let pipes = tty ? nil : try SessionPipes(self)
            try ControlClient.negotiating(runDir: context.runDir, uuid: uuid, version: ControlProtocol.sessions) {
                (connection) throws(EngineError) in
                try connection.send(.object(body), descriptors: (pipes?.far ?? []).map(\.raw))
                for end in pipes?.far ?? [] { end.close() }
                var handed = [(name: "control", end: connection.fileDescriptor)]
                for (name, end) in pipes?.own ?? [] { handed.append((name, end.raw)) }
                // An earlier supervisor tells of a command without a terminal only when it has ended.
                let started = tty || connection.version >= ControlProtocol.sessions ? try connection.started() : nil
                if tty {
                    guard let terminal = started?.descriptors.first else {
                        throw EngineError(.internal, "pod \(uuid): its supervisor sent no terminal")
                    }
                    terminal.makeNonblocking()
                    handed.append(("terminal", terminal.raw))
                }
                try socket.send(["descriptors": .array(handed.map { .string($0.name) })], handed.map(\.end))
                withExtendedLifetime((started, pipes)) {}
            }
        }
    }
}

/// In cells of text.
struct TerminalSize: Equatable {
    var columns: UInt16
    var rows: UInt16

    /// `80x24`: columns, then rows, as stty and xterm say it.
    init?(_ text: String) {
        guard let (columns, rows) = text.cut(at: "x"), let columns = UInt16(digits: columns),
            let rows = UInt16(digits: rows)
        else { return nil }
        self.columns = columns
        self.rows = rows
    }

    var json: JSON { ["height": .integer(Int64(rows)), "width": .integer(Int64(columns))] }
}

extension ControlConnection {
    /// The first answer to a request that is answered again at the end.
    func started() throws(EngineError) -> Message {
        let message = try receive()
        guard try ControlProtocol.unwrap(message.body)["started"]?.boolValue == true else {
            throw EngineError(.precondition, "the app ended before the session began")
        }
        return message
    }
}
