import ByteText
import CSystemd
import Glibc

/// Tells the service manager about this process (sd_notify(3)). Without a service manager every call is a no-op that answers false.
package struct Notifier: Sendable {
    package init() {}

    /// Ready to serve.
    @discardableResult
    package func ready(status: String? = nil) -> Bool { send(["READY=1"] + Self.status(status)) }

    /// Reads its configuration anew, until ``ready(status:)``. Only for one that has been ready.
    @discardableResult
    package func reloading() -> Bool {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return send(["RELOADING=1", "MONOTONIC_USEC=\(now.tv_sec * 1_000_000 + now.tv_nsec / 1000)"])
    }

    /// Begins to stop.
    @discardableResult
    package func stopping(status: String? = nil) -> Bool { send(["STOPPING=1"] + Self.status(status)) }

    /// One line for `systemctl status`.
    @discardableResult
    package func status(_ text: String) -> Bool { send(Self.status(text)) }

    /// Still alive; see `watchdogInterval`.
    @discardableResult
    package func watchdog() -> Bool { send(["WATCHDOG=1"]) }

    /// Another process is the service's main one.
    @discardableResult
    package func mainProcess(_ pid: Int32) -> Bool { send(["MAINPID=\(pid)"]) }

    /// How long systemd waits between two signs of life: send one in half of it. Nil when it does not watch this process.
    package static var watchdogInterval: Duration? {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds))
    }

    /// A line break would begin another assignment.
    private static func status(_ text: String?) -> [String] {
        guard let text else { return [] }
        return ["STATUS=" + text.onOneLine]
    }

    private func send(_ assignments: [String]) -> Bool {
        sd_notify(0, assignments.joined(separator: "\n")) > 0
    }
}
