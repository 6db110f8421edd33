import ByteText
import Glibc

/// How a unit's main process ended, as systemd tells it to ExecStopPost= (systemd.exec(5), "Environment Variables Set on Service Exit").
enum SupervisorDeath {
    /// Nil when no service manager tells.
    static var told: String? {
        func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
        return words(result: value("SERVICE_RESULT"), code: value("EXIT_CODE"), status: value("EXIT_STATUS"))
    }

    /// - Parameters:
    ///   - result: `success`, `signal`, `exit-code`, `timeout`, `oom-kill`, …
    ///   - code: `exited`, `killed` or `dumped`.
    ///   - status: an exit status, or the name of a signal without SIG.
    static func words(result: String?, code: String?, status: String?) -> String? {
        guard let result, let code, let status, isWord(result), isWord(status) else { return nil }
        let how: String
        switch code {
        case "exited": how = "its supervisor ended with status \(status)"
        case "killed": how = "its supervisor was killed by SIG\(status)"
        case "dumped": how = "its supervisor crashed with SIG\(status)"
        default: return nil
        }
        switch result {
        case "oom-kill": return "\(how): the kernel was out of memory"
        case "timeout": return "\(how): it did not start or stop in time"
        case "watchdog": return "\(how): it did not answer any more"
        default: return how
        }
    }

    private static func isWord(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 32
            && text.utf8.allSatisfy { $0.isASCIIAlphanumeric || "-+".utf8.contains($0) }
    }
}
