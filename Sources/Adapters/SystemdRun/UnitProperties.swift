import ByteText

/// The command line of systemd-run for a pod.
struct UnitProperties {
    static let wantedOpenFiles: UInt64 = 1_048_576
    static let wantedOOMScore = -998

    let unit: String
    let slice: String
    let description: String
    let settings: LauncherSettings
    let limits: HostLimits
    let invocation: SandboxInvocation

    /// What this host does not allow, for the log.
    static func clamped(_ limits: HostLimits) -> [String] {
        var notes: [String] = []
        if !limits.maySetResources {
            notes.append("systemd has no CAP_SYS_RESOURCE: pods keep its OOM score instead of \(wantedOOMScore)")
        }
        if limits.openFiles < wantedOpenFiles {
            notes.append("open files of a pod are limited to \(limits.openFiles) instead of \(wantedOpenFiles)")
        }
        return notes
    }

    var arguments: [String] {
        var arguments = [
            "--quiet", "--unit=\(unit)", "--slice=\(slice)", "--service-type=notify", "--collect", "--no-ask-password",
            "--description=\(description)",
        ]
        for property in properties { arguments += ["-p", property] }
        for (name, value) in invocation.environment.sorted(by: { $0.key.precedes($1.key) }) {
            arguments.append("--setenv=\(name)=\(value)")
        }
        return arguments + ["--"] + invocation.command.map(Self.withoutExpansion)
    }

    private var properties: [String] {
        var properties = [
            "Delegate=yes", "KillMode=mixed", "TasksMax=infinity", "Restart=no", "OOMPolicy=continue",
            "NotifyAccess=\(invocation.notifyAccess)",
            // At shutdown a pod stops before its network does, so that its plugins can take back what they made.
            "After=network.target",
            "TimeoutStartSec=\(settings.startTimeout.components.seconds)",
            "TimeoutStopSec=\(settings.stopTimeout.components.seconds)",
            "LimitNOFILE=\(min(Self.wantedOpenFiles, limits.openFiles))",
        ]
        if limits.maySetResources { properties.append("OOMScoreAdjust=\(Self.wantedOOMScore)") }
        if !invocation.cleanup.isEmpty {
            properties.append("ExecStopPost=" + invocation.cleanup.map(Self.quoted).joined(separator: " "))
        }
        return properties
    }

    /// systemd expands `$NAME` and `${NAME}` in the arguments of every command (systemd.service(5), "Command lines").
    private static func withoutExpansion(_ argument: String) -> String {
        String(argument.flatMap { $0 == "$" ? [$0, $0] : [$0] })
    }

    /// One word of a command line in a unit's setting.
    private static func quoted(_ argument: String) -> String {
        let escaped = withoutExpansion(argument).flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
        return "\"" + String(escaped) + "\""
    }
}
