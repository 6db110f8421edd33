import Glibc

/// Whether a session has a terminal, and ours with it.
enum SessionTerminal {
    /// As with kubectl: no terminal without input, nor where ours is none; and it is said.
    static func isWanted(_ asked: Bool, input: Bool) -> Bool {
        guard asked else { return false }
        guard input else {
            StandardError.write("-t does nothing without -i: no terminal is used")
            return false
        }
        guard isatty(0) == 1 else {
            StandardError.write("our standard input is no terminal: none is used")
            return false
        }
        return true
    }

    /// Relays with our terminal raw, which is as it was before an error is told.
    static func relay(
        _ socket: SessionSocket, raw: Bool, input: Bool, canLeave: Bool = false, object: String
    ) throws -> Int32 {
        let terminal = raw ? try RawTerminal() : nil
        return try withExtendedLifetime(terminal) {
            try CommandRelay(socket, terminal: terminal, input: input, canLeave: canLeave, object: object).run()
        }
    }
}
