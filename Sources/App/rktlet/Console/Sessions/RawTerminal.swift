import Glibc

// Written before the handlers that read them are set, and never again.
nonisolated(unsafe) private var settingsBefore: termios?
nonisolated(unsafe) private var resizes: CInt = -1

/// The person's terminal on standard input, raw while this lives: what is typed goes to the command as it is.
///
/// However the process ends, SIGKILL excepted, the terminal is as it was.
final class RawTerminal {
    /// A byte can be read for each time that the window's size changed.
    let resized: CInt

    /// - Returns: nil where standard input is no terminal.
    init?() throws {
        var settings = termios()
        guard isatty(0) == 1, tcgetattr(0, &settings) == 0 else { return nil }
        var pipe: [CInt] = [-1, -1]
        guard Glibc.pipe(&pipe) == 0 else {
            throw ConsoleError("no pipe can be had: \(String(cString: strerror(errno)))")
        }
        for end in pipe { _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK) }
        resized = pipe[0]
        (settingsBefore, resizes) = (settings, pipe[1])
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE] {
            signal(number) { number in
                RawTerminal.restoreNow()
                signal(number, SIG_DFL)
                raise(number)
            }
        }
        signal(SIGWINCH) { _ in
            let error = errno
            var byte: UInt8 = 0
            _ = write(resizes, &byte, 1)
            errno = error
        }
        cfmakeraw(&settings)
        tcsetattr(0, TCSADRAIN, &settings)
    }

    deinit { Self.restoreNow() }

    /// Also from the handler of a signal: tcsetattr(3) may be called there.
    private static func restoreNow() {
        // At once: a terminal that takes no output would hold up the end for good.
        if var settings = settingsBefore { tcsetattr(0, TCSANOW, &settings) }
    }

    /// As the session's channel for it has it; nil where the terminal does not know.
    func size() -> [UInt8]? {
        var size = winsize()
        var byte: UInt8 = 0
        while read(resized, &byte, 1) > 0 {}
        guard ioctl(0, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return nil }
        return Array("{\"Width\":\(size.ws_col),\"Height\":\(size.ws_row)}".utf8)
    }
}
