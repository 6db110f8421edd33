import JSON

/// The resource limits of an app's processes (getrlimit(2)). Every one is named: what is not would be whatever the supervisor happens to have.
///
/// Open files are 1048576, as most runtimes have it; what a process may lock in memory and the size of its stack are the kernel's and the
/// service manager's defaults; the rest is as much as the host allows.
enum ResourceLimits {
    private static let unlimited = UInt64.max
    private static let wanted: [(name: String, soft: UInt64, hard: UInt64)] = [
        ("RLIMIT_AS", unlimited, unlimited), ("RLIMIT_CORE", unlimited, unlimited),
        ("RLIMIT_CPU", unlimited, unlimited),
        ("RLIMIT_DATA", unlimited, unlimited), ("RLIMIT_FSIZE", unlimited, unlimited),
        ("RLIMIT_LOCKS", unlimited, unlimited),
        ("RLIMIT_MEMLOCK", 8 << 20, 8 << 20), ("RLIMIT_MSGQUEUE", 819_200, 819_200), ("RLIMIT_NICE", 0, 0),
        ("RLIMIT_NOFILE", 1 << 20, 1 << 20), ("RLIMIT_NPROC", unlimited, unlimited),
        ("RLIMIT_RSS", unlimited, unlimited),
        ("RLIMIT_RTPRIO", 0, 0), ("RLIMIT_RTTIME", unlimited, unlimited), ("RLIMIT_SIGPENDING", unlimited, unlimited),
        ("RLIMIT_STACK", 8 << 20, unlimited),
    ]

    /// As the OCI document has them, none above what this host allows.
    static func json(_ facts: HostFacts) -> JSON {
        .array(
            wanted.map { limit in
                let most = facts.hardLimits[limit.name] ?? unlimited
                return [
                    "type": .string(limit.name), "soft": JSON(min(limit.soft, most)),
                    "hard": JSON(min(limit.hard, most)),
                ]
            })
    }
}
