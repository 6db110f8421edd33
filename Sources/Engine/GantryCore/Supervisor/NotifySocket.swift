import CGantry
import Glibc

/// The service manager's notify socket (sd_notify(3)), without its library.
package enum NotifySocket {
    /// What a service manager passes in the environment, taken out of it: with NOTIFY_SOCKET inherited, `crun start` would wait for a
    /// READY of the container's own, and never return.
    package static func takeFromEnvironment() -> String? {
        let address = getenv("NOTIFY_SOCKET").map { String(cString: $0) }
        for name in [
            "NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "WATCHDOG_USEC", "WATCHDOG_PID",
            "INVOCATION_ID",
            "JOURNAL_STREAM",
        ] { unsetenv(name) }
        return address
    }

    package static func send(_ message: String, to address: String) {
        guard gantry_notify(address, message, true) < 0 else { return }
        StandardError.write(EngineError.posix("notify \(address)", errno).message)
    }

    /// The same without waiting for a service manager that does not listen just now.
    ///
    /// - Returns: false when it is to be tried again.
    static func offer(_ message: String, to address: String) -> Bool {
        gantry_notify(address, message, false) >= 0 || (errno != EAGAIN && errno != ENOBUFS)
    }
}
