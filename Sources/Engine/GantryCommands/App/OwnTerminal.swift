import Glibc

/// This process's terminal, raw while this lives; nothing happens where standard input is none.
final class OwnTerminal {
    private var saved: termios?

    init() {
        signal(SIGWINCH) { _ in }
        var settings = termios()
        guard tcgetattr(0, &settings) == 0 else { return }
        saved = settings
        cfmakeraw(&settings)
        tcsetattr(0, TCSANOW, &settings)
    }

    func restore() {
        if var saved { tcsetattr(0, TCSANOW, &saved) }
        saved = nil
    }

    func copySize(to terminal: Int32) {
        var size = winsize()
        guard ioctl(0, UInt(TIOCGWINSZ), &size) == 0 else { return }
        _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
    }
}
