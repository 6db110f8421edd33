import ByteText
import Domain
import Systemd

extension PodLimits {
    /// As runc gives them to systemd, so that a unit has what a slice of the kubelet's has.
    ///
    /// - Throws: `invalidArgument`, naming the field, for what systemd has no setting for.
    func properties(isUnified: Bool) throws(DomainError) -> [UnitProperty] {
        var properties = [
            cpuWeight(isUnified), UnitProperty("CPUQuotaPerSecUSec", .number(quotaPerSecond)),
            UnitProperty("CPUQuotaPeriodUSec", .number(cpuQuota == nil ? .max : UInt64(clamping: cpuPeriod))),
            UnitProperty("MemoryMax", .number(Self.number(memory))),
        ]
        guard isUnified else {
            // What systemd does not hold a unit to on cgroup v1.
            for (name, isAsked) in [
                ("cpuset_cpus", !cpusetCPUs.isEmpty), ("cpuset_mems", !cpusetMems.isEmpty),
                ("memory_swap_limit_in_bytes", (swap ?? 0) > 0), ("unified", !unified.isEmpty),
            ] where isAsked {
                throw Self.refused(name, "needs cgroup v2, and this host has v1")
            }
            return properties
        }
        properties.append(UnitProperty("MemorySwapMax", .number(Self.number(swap))))
        properties.append(UnitProperty("AllowedCPUs", .bytes(Self.mask(cpusetCPUs))))
        properties.append(UnitProperty("AllowedMemoryNodes", .bytes(Self.mask(cpusetMems))))
        for (file, text) in unified.sorted(by: { $0.key.precedes($1.key) }) {
            guard let name = Self.names.first(where: { $0.file.isSame(as: file) })?.name else {
                throw Self.refused("unified", "systemd has no setting for \(file)")
            }
            guard let value = text.isSame(as: "max") ? UInt64.max : UInt64(digits: text) else {
                throw Self.refused("unified", "\(file) is a number or max")
            }
            properties.removeAll { $0.name == name }
            properties.append(UnitProperty(name, .number(value)))
        }
        return properties
    }

    private static let names: [(file: String, name: String)] = [
        ("cpu.weight", "CPUWeight"), ("memory.min", "MemoryMin"), ("memory.low", "MemoryLow"),
        ("memory.high", "MemoryHigh"), ("memory.max", "MemoryMax"), ("memory.swap.max", "MemorySwapMax"),
        ("pids.max", "TasksMax"),
    ]

    private static func refused(_ field: String, _ why: String) -> DomainError {
        DomainError(.invalidArgument, "resources.\(field): \(why)")
    }

    private static func number(_ limit: Int64?) -> UInt64 { limit.map { UInt64(clamping: $0) } ?? .max }

    /// v2's weights as runc makes them of shares.
    private func cpuWeight(_ isUnified: Bool) -> UnitProperty {
        guard let cpuShares else { return UnitProperty(isUnified ? "CPUWeight" : "CPUShares", .number(.max)) }
        let shares = min(max(2, cpuShares), 262_144)
        if !isUnified { return UnitProperty("CPUShares", .number(UInt64(shares))) }
        return UnitProperty("CPUWeight", .number(UInt64(1 + (shares - 2) * 9999 / 262_142)))
    }

    /// In whole hundredths of a processor, rounded up: systemd counts in no less.
    private var quotaPerSecond: UInt64 {
        guard let cpuQuota else { return .max }
        let perSecond = UInt64(clamping: cpuQuota).multipliedSaturating(by: 1_000_000) / UInt64(max(1, cpuPeriod))
        return perSecond.addingSaturating(9_999) / 10_000 * 10_000
    }

    /// A bit for each number of a list as `0-3,7`, which has been checked.
    private static func mask(_ list: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for part in list.words(at: ",") {
            let ends = part.pieces(at: "-").compactMap { UInt16(digits: $0) }
            guard let first = ends.first, let last = ends.last, first <= last else { continue }
            for number in first...last {
                let place = Int(number / 8)
                if bytes.count <= place { bytes += Array(repeating: 0, count: place + 1 - bytes.count) }
                bytes[place] |= 1 << UInt8(number % 8)
            }
        }
        return bytes
    }
}
