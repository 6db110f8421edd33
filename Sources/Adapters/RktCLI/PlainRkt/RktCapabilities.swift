import ByteText
import Domain

/// A container's capabilities in rkt's words: one list, of what is kept or of what is removed.
enum RktCapabilities {
    /// What an app has without any request.
    private static let usual: Set<String> = [
        "CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_MKNOD",
        "CAP_NET_RAW",
        "CAP_NET_BIND_SERVICE", "CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETFCAP", "CAP_SYS_CHROOT",
    ]

    private static let all: Set<String> = usual.union([
        "CAP_AUDIT_CONTROL", "CAP_AUDIT_READ", "CAP_BLOCK_SUSPEND", "CAP_DAC_READ_SEARCH", "CAP_IPC_LOCK",
        "CAP_IPC_OWNER",
        "CAP_LEASE", "CAP_LINUX_IMMUTABLE", "CAP_MAC_ADMIN", "CAP_MAC_OVERRIDE", "CAP_NET_ADMIN", "CAP_NET_BROADCAST",
        "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_MODULE", "CAP_SYS_NICE", "CAP_SYS_PACCT", "CAP_SYS_PTRACE",
        "CAP_SYS_RAWIO",
        "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_SYSLOG", "CAP_WAKE_ALARM",
    ])

    /// Nil when nothing was asked for. An empty list of kept ones would mean the usual ones to rkt, so none is said as all removed.
    static func argument(_ capabilities: Capabilities) -> String? {
        guard !capabilities.add.isEmpty || !capabilities.drop.isEmpty else { return nil }
        let dropped = Set(capabilities.drop.map(name))
        let added = Set(capabilities.add.map(name))
        var kept = dropped.contains("CAP_ALL") ? [] : added.contains("CAP_ALL") ? all : usual
        kept.subtract(dropped)
        kept.formUnion(added.contains("CAP_ALL") ? all.subtracting(dropped) : added)
        guard !kept.isEmpty else { return "--caps-remove=" + usual.sorted().joined(separator: ",") }
        return "--caps-retain=" + kept.sorted().joined(separator: ",")
    }

    private static func name(_ text: String) -> String {
        let upper = text.uppercasedASCII
        return upper.begins(with: "CAP_") ? upper : "CAP_" + upper
    }
}
