import ByteText
import HostFacts

/// The checks of the host as lines for a person.
package struct DoctorReport: Sendable {
    package let checks: [HostCheck]

    package init(checks: [HostCheck]) { self.checks = checks }

    /// True when no check failed: pods can run.
    package var isUsable: Bool { !checks.contains { $0.verdict == .failure } }

    /// One line a check, its remedy below it, and a summary. What is quoted in them, a terminal only shows.
    package var text: String {
        let width = checks.map(\.name.count).max() ?? 0
        var lines: [String] = []
        for check in checks {
            let name = check.name + String(repeating: " ", count: width - check.name.count)
            lines.append("\(Self.mark(check.verdict))  \(name)  \(check.finding.forTerminal)")
            if !check.remedy.isEmpty {
                lines.append("      \(String(repeating: " ", count: width))→ \(check.remedy.forTerminal)")
            }
        }
        lines.append(summary)
        return lines.joined(separator: "\n") + "\n"
    }

    private var summary: String {
        let failures = checks.count { $0.verdict == .failure }
        let warnings = checks.count { $0.verdict == .warning }
        if failures > 0 { return "\(failures) of \(checks.count) checks failed: pods cannot run here yet" }
        if warnings > 0 { return "this host can run pods; \(warnings) of \(checks.count) checks have a warning" }
        return "this host can run pods"
    }

    private static func mark(_ verdict: HostCheck.Verdict) -> String {
        switch verdict {
        case .ok: "ok  "
        case .warning: "warn"
        case .failure: "FAIL"
        }
    }
}
