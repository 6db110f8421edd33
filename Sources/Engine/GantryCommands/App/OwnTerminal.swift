import Glibc

// Written before the handlers that read it are set, and never again.
nonisolated(unsafe) private var atExit: termios?

/// This process's terminal, raw while this lives; nothing happens where standard input is none.
final class OwnTerminal {
    private var saved: termios?

    init() {
        signal(SIGWINCH) { _ in }
        var settings = termios()
        guard tcgetattr(0, &settings) == 0 else { return }
        saved = settings
        atExit = settings
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
            signal(number) { number in
                OwnTerminal.restoreAtExit()
                signal(number, SIG_DFL)
                raise(number)
            }
        }
        cfmakeraw(&settings)
        tcsetattr(0, TCSANOW, &settings)
    }

    /// For the handler of a signal that ends the process: a terminal that stays raw is of no use to anybody.
    private static func restoreAtExit() {
        if var settings = atExit { tcsetattr(0, TCSANOW, &settings) }
    }

    func restore() {
        if var saved { tcsetattr(0, TCSANOW, &saved) }
        saved = nil
    }

    /// nil where standard input is no terminal.
    static func size() -> winsize? {
        var size = winsize()
        return ioctl(0, UInt(TIOCGWINSZ), &size) == 0 ? size : nil
    }

    func copySize(to terminal: Int32) {
        guard var size = Self.size() else { return }
        _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
    }
}
