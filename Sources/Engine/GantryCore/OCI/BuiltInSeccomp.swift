import JSON

/// The profile used where the distribution's is not installed: everything is allowed except what reaches beyond a
/// container, unless the capability that governs it was given. Shorter, and laxer, than a list of what is allowed.
enum BuiltInSeccomp {
    /// In the conditional shape, so that it takes the same way as the distribution's.
    static let profile: JSON = [
        "defaultAction": "SCMP_ACT_ALLOW",
        "archMap": [
            ["architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]],
            ["architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]],
            ["architecture": "SCMP_ARCH_S390X", "subArchitectures": ["SCMP_ARCH_S390"]],
        ],
        "syscalls": .array(
            [denied(never, unless: nil)] + governed.map { denied($0.calls, unless: $0.capability) } + newNamespaces),
    ]

    /// The kernel's key rings, swap, memory placement and whatever is obsolete.
    private static let never = [
        "_sysctl", "add_key", "io_uring_enter", "io_uring_register", "io_uring_setup", "kexec_file_load", "kexec_load",
        "keyctl", "move_pages", "migrate_pages", "nfsservctl", "request_key", "swapoff", "swapon", "sysfs", "uselib",
        "userfaultfd", "ustat", "vm86", "vm86old",
    ]

    private static let governed: [(capability: String, calls: [String])] = [
        (
            "CAP_SYS_ADMIN",
            [
                "bpf", "fanotify_init", "fsconfig", "fsmount", "fsopen", "fspick", "lookup_dcookie", "mount",
                "mount_setattr", "move_mount", "open_tree", "perf_event_open", "pivot_root", "quotactl", "quotactl_fd",
                "setdomainname", "sethostname", "setns", "umount", "umount2", "unshare",
            ]
        ),
        ("CAP_DAC_READ_SEARCH", ["open_by_handle_at"]),
        ("CAP_SYS_BOOT", ["reboot"]),
        ("CAP_SYS_CHROOT", ["chroot"]),
        ("CAP_SYS_MODULE", ["create_module", "delete_module", "finit_module", "init_module", "query_module"]),
        ("CAP_SYS_NICE", ["mbind", "set_mempolicy", "set_mempolicy_home_node"]),
        ("CAP_SYS_PACCT", ["acct"]),
        ("CAP_SYS_PTRACE", ["kcmp", "pidfd_getfd", "process_madvise", "process_vm_readv", "process_vm_writev"]),
        ("CAP_SYS_RAWIO", ["ioperm", "iopl"]),
        ("CAP_SYS_TIME", ["clock_settime", "clock_settime64", "settimeofday", "stime"]),
        ("CAP_SYS_TTY_CONFIG", ["vhangup"]),
        ("CAP_SYSLOG", ["syslog"]),
    ]

    /// clone(2) with any CLONE_NEW* flag. clone3(2) hides its flags behind a pointer: ENOSYS sends callers back to clone.
    private static var newNamespaces: [JSON] {
        let without: JSON = ["caps": ["CAP_SYS_ADMIN"]]
        let flags: [Int64] = [
            0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000,
        ]
        let rules: [JSON] = flags.flatMap { flag -> [JSON] in
            // On s390x the flags are the second argument.
            [
                clone(flag, argument: 0, excludes: ["caps": ["CAP_SYS_ADMIN"], "arches": ["s390x"]], includes: [:]),
                clone(flag, argument: 1, excludes: without, includes: ["arches": ["s390x"]]),
            ]
        }
        return rules + [["names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38, "excludes": without]]
    }

    private static func clone(_ flag: Int64, argument: Int64, excludes: JSON, includes: JSON) -> JSON {
        [
            "names": ["clone"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1, "excludes": excludes, "includes": includes,
            "args": [
                [
                    "index": .integer(argument), "value": .integer(flag), "valueTwo": .integer(flag),
                    "op": "SCMP_CMP_MASKED_EQ",
                ]
            ],
        ]
    }

    private static func denied(_ calls: [String], unless capability: String?) -> JSON {
        var rule: [String: JSON] = ["names": .strings(calls), "action": "SCMP_ACT_ERRNO", "errnoRet": 1]
        if let capability { rule["excludes"] = ["caps": [.string(capability)]] }
        return .object(rule)
    }
}
