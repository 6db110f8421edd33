import Domain
import Glibc
import JSON
import Synchronization

/// A session that the engine handed over: the ends of its streams, and a connection to the pod's supervisor that tells how it ends and ends it
/// when it is closed, whoever closes it.
final class GantrySession: LiveSession {
    let ends: SessionEnds
    private let object: String
    private let control: Mutex<SessionControl?>
    /// A descriptor of the terminal that outlives the client's.
    private let terminal: Mutex<Int32?>
    private let end = SessionEnd()
    private let outcomeOfCancel: Int32

    init(
        _ message: HandoverSocket.Message, about object: String, outcomeOfCancel: Int32
    ) throws(DomainError) {
        var handed = try HandedDescriptors(message, about: object)
        guard let connection = handed.take("control") else {
            throw DomainError(.internal, "\(object): the engine handed no connection over")
        }
        self.object = object
        self.outcomeOfCancel = outcomeOfCancel
        // Beside an output of its own the terminal is there for its size.
        if let output = handed.take("stdout") {
            ends = SessionEnds(input: handed.take("stdin"), output: output, errors: handed.take("stderr"))
            terminal = Mutex(handed.take("terminal"))
        } else if let master = handed.take("terminal"), outcomeOfCancel != 0 {
            let (input, resized) = (Self.copy(master), Self.copy(master))
            guard input >= 0, resized >= 0 else {
                for descriptor in [connection, master, input, resized] where descriptor >= 0 { close(descriptor) }
                throw DomainError(.resourceExhausted, "\(object): no descriptor is left for its terminal")
            }
            ends = SessionEnds(input: input, output: master)
            terminal = Mutex(resized)
        } else {
            ends = SessionEnds(input: handed.take("stdin"), errors: handed.take("stderr"))
            terminal = Mutex(handed.take("terminal"))
        }
        control = Mutex(nil)
        let control = SessionControl(connection, about: object) { [end, weak self] outcome in
            end.settle(outcome)
            self?.letGo()
        }
        self.control.withLock { $0 = control }
    }

    deinit { letGo() }

    func resize(to size: TerminalSize) {
        terminal.withLock { terminal in
            guard let terminal else { return }
            var window = winsize(ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0)
            _ = ioctl(terminal, UInt(TIOCSWINSZ), &window)
        }
    }

    func outcome() async throws(DomainError) -> Int32 { try await end.value(about: object) }

    func cancel() {
        end.settle(.success(outcomeOfCancel))
        letGo()
    }

    /// The supervisor kills what is still there; the terminal hangs up once the client's descriptors are closed too.
    private func letGo() {
        control.withLock { $0 }?.close()
        terminal.withLock { terminal in
            if let terminal { close(terminal) }
            terminal = nil
        }
    }

    private static func copy(_ descriptor: Int32) -> Int32 { fcntl(descriptor, F_DUPFD_CLOEXEC, 3) }
}
