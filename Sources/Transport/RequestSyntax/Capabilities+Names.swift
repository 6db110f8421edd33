import ByteText
import Domain

extension Capabilities {
    /// capabilities(7), up to Linux 5.9 where the last one came.
    private static let known: Set<ByteString> = [
        "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN",
        "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE",
        "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST",
        "NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_ADMIN", "SYS_BOOT", "SYS_CHROOT",
        "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME",
        "SYS_TTY_CONFIG", "SYSLOG", "WAKE_ALARM",
    ]

    /// A capability's name without `CAP_`, or `ALL`.
    ///
    /// - Throws: `invalidArgument` for a name that is no capability of Linux.
    package static func name(_ value: String, at path: FieldPath) throws(DomainError) -> String {
        let upper = value.uppercasedASCII
        let bare = upper.without(prefix: "CAP_").map(String.init) ?? upper
        guard upper == "ALL" || known.contains(bare) else {
            throw path.invalid("\(value.quotedForMessage) is not a capability")
        }
        return bare
    }
}
