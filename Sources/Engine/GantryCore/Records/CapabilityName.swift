import ByteText

/// A capability as people write it (`NET_ADMIN`, `cap_net_admin`, `ALL`), held as the kernel's number.
package enum CapabilityName: Hashable, Sendable {
    case all
    /// The bit of `capabilities(7)`.
    case one(UInt8)

    package init(parsing text: String) throws(EngineError) {
        let upper = text.uppercasedASCII
        if upper == "ALL" {
            self = .all
            return
        }
        let name = upper.without(prefix: "CAP_") ?? upper[...]
        guard let number = Self.names.firstIndex(where: { $0.isSame(as: name) }) else {
            throw EngineError(.invalid, "capability \"\(text)\": not one of capabilities(7)")
        }
        self = .one(UInt8(number))
    }

    /// `CAP_NET_ADMIN`, or `ALL`.
    package var string: String {
        switch self {
        case .all: "ALL"
        case .one(let number): Self.string(number)
        }
    }

    /// `CAP_NET_ADMIN` for 12; numbers that have no name yet are written as such.
    static func string(_ number: UInt8) -> String {
        Int(number) < names.count ? "CAP_" + names[Int(number)] : "CAP_\(number)"
    }

    /// By the kernel's numbering (`linux/capability.h`).
    static let names = [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
        "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
        "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
        "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
        "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
        "CHECKPOINT_RESTORE",
    ]
}
