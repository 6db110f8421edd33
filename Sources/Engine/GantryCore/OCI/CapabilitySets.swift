import JSON

/// The capability sets of an app's process, a bit for each capability.
struct CapabilitySets: Equatable, Sendable {
    /// Bounding, permitted and effective.
    var granted: UInt64
    /// Inheritable and ambient; always granted too.
    var ambient: UInt64
    /// What was asked for by name and is not this host's to give.
    var refused: [CapabilityName] = []

    /// What containers get unless they say otherwise: the set that Docker and containerd give.
    static let usual: UInt64 = bits([
        "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP",
        "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE",
    ])

    /// `ALL` first, then single ones: drop ALL and add X is X alone. All is masked by `bounding`.
    init(_ config: AppConfig.Capabilities, privileged: Bool, bounding: UInt64) {
        if privileged {
            (granted, ambient) = (bounding, 0)
            return
        }
        var set = Self.usual
        if config.add.contains(.all) { set = bounding }
        if config.drop.contains(.all) { set = 0 }
        for case .one(let number) in config.add { set |= 1 << UInt64(number) }
        for case .one(let number) in config.drop { set &= ~(1 << UInt64(number)) }
        var raised: UInt64 = 0
        for name in config.addAmbient {
            switch name {
            case .all: raised = bounding
            case .one(let number): raised |= 1 << UInt64(number)
            }
        }
        refused = (config.add + config.addAmbient).filter { name in
            guard case .one(let number) = name else { return false }
            return bounding & (1 << UInt64(number)) == 0
        }
        ambient = raised & bounding
        granted = (set & bounding) | ambient
    }

    func contains(_ name: String) -> Bool {
        guard case .one(let number)? = try? CapabilityName(parsing: name) else { return false }
        return granted & (1 << UInt64(number)) != 0
    }

    var json: JSON {
        let all = Self.names(granted)
        let raised = Self.names(ambient)
        return ["bounding": all, "effective": all, "permitted": all, "inheritable": raised, "ambient": raised]
    }

    private static func names(_ set: UInt64) -> JSON {
        .array((0..<64).filter { set & (1 << UInt64($0)) != 0 }.map { .string(CapabilityName.string(UInt8($0))) })
    }

    private static func bits(_ names: [String]) -> UInt64 {
        names.reduce(0) { set, name in
            guard let number = CapabilityName.names.firstIndex(of: name) else { return set }
            return set | 1 << UInt64(number)
        }
    }
}
