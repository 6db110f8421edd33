import ByteText
import CGantry
import Glibc

/// What the host can and cannot do, as far as it decides an app's configuration. Read once by each supervisor.
package struct HostFacts: Equatable, Sendable {
    /// The capabilities this process may hand on, a bit each.
    package var boundingCapabilities: UInt64
    /// The lowest OOM score that can be set from here.
    package var lowestOOMScoreAdj: Int64
    /// The hard limits of this process by name, `RLIMIT_NOFILE`; what is missing has none.
    package var hardLimits: [String: UInt64]
    package var cgroupV2: Bool
    package var appArmor: Bool
    /// The loaded profile that apps get unless they say otherwise; nil without one.
    package var appArmorDefault: String?
    /// The profiles that are loaded; nil when it cannot be read (securityfs is not mounted).
    package var appArmorProfiles: Set<String>?
    package var seLinux: Bool
    package var kernelMajor: Int
    package var kernelMinor: Int
    /// As Go names it: `amd64`, `arm64`.
    package var architecture: String
    /// Sizes of huge pages that can be limited, as `2MB`; empty without the hugetlb controller.
    package var hugepageSizes: Set<String>
    /// Whether swap can be limited.
    package var swapLimits: Bool

    package init(
        boundingCapabilities: UInt64, lowestOOMScoreAdj: Int64, hardLimits: [String: UInt64], cgroupV2: Bool,
        appArmor: Bool,
        seLinux: Bool, kernelMajor: Int, kernelMinor: Int, architecture: String, hugepageSizes: Set<String>,
        swapLimits: Bool
    ) {
        self.boundingCapabilities = boundingCapabilities
        self.lowestOOMScoreAdj = lowestOOMScoreAdj
        self.hardLimits = hardLimits
        self.cgroupV2 = cgroupV2
        self.appArmor = appArmor
        self.seLinux = seLinux
        self.kernelMajor = kernelMajor
        self.kernelMinor = kernelMinor
        self.architecture = architecture
        self.hugepageSizes = hugepageSizes
        self.swapLimits = swapLimits
    }

    /// Asks the kernel.
    package static func read() throws(EngineError) -> HostFacts {
        let status = try text("/proc/self/status") ?? ""
        let bounding = hexField("CapBnd:", status)
        let effective = hexField("CapEff:", status)
        let controllers = try cgroupControllers()
        let release = try text("/proc/sys/kernel/osrelease") ?? ""
        let version = release.digitRuns.compactMap { Int(digits: $0) }
        var facts = HostFacts(
            boundingCapabilities: bounding,
            lowestOOMScoreAdj: try lowestScore(effective: effective),
            hardLimits: try limits(),
            cgroupV2: controllers.v2,
            appArmor: try text("/sys/module/apparmor/parameters/enabled")?.begins(with: "Y") == true,
            seLinux: exists("/sys/fs/selinux/enforce"),
            kernelMajor: version.first ?? 0, kernelMinor: version.dropFirst().first ?? 0,
            architecture: goArchitecture,
            hugepageSizes: controllers.hugetlb ? try pageSizes() : [],
            swapLimits: controllers.v2
                ? try swapLimitsV2() : exists("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes"))
        try facts.lookAtAppArmor()
        return facts
    }

    /// Profiles come and go while a supervisor lives.
    mutating func lookAtAppArmor() throws(EngineError) {
        guard appArmor else { return }
        let loaded = (try? Self.text("/sys/kernel/security/apparmor/profiles")) ?? nil
        appArmorProfiles = loaded.map(Self.profiles)
        appArmorDefault = Self.defaultProfile(loaded: loaded ?? "")
    }

    /// This engine's own, or containerd's, which says the same. The daemon loads it when it starts.
    /// - Parameter loaded: lines of `name (mode)`.
    static func defaultProfile(loaded: String) -> String? {
        ["rktlet-default", "cri-containerd.apparmor.d"].first(where: profiles(loaded).contains)
    }

    /// A name may have blanks in it; the mode behind it has none.
    private static func profiles(_ loaded: String) -> Set<String> {
        Set(loaded.words(at: "\n").map { $0.words(at: " ").dropLast().joined(separator: " ") })
    }

    /// Looks at the nearest cgroup above that has the memory controller; the root has no files of it.
    private static func swapLimitsV2() throws(EngineError) -> Bool {
        let lines = (try text("/proc/self/cgroup") ?? "").words(at: "\n")
        guard let own = lines.lazy.compactMap({ $0.without(prefix: "0::") }).first else { return false }
        var parts = own.words(at: "/")
        while !parts.isEmpty {
            let directory = "/sys/fs/cgroup/" + parts.joined(separator: "/")
            if exists("\(directory)/memory.current") { return exists("\(directory)/memory.swap.max") }
            parts.removeLast()
        }
        return exists("/proc/swaps")
    }

    private static func cgroupControllers() throws(EngineError) -> (v2: Bool, hugetlb: Bool) {
        if let controllers = try text("/sys/fs/cgroup/cgroup.controllers") {
            return (true, controllers.words.contains("hugetlb"))
        }
        // `number:controller,controller:path`; a directory of that name may be there without the hierarchy.
        let hierarchies = (try text("/proc/self/cgroup") ?? "").words(at: "\n").flatMap { line in
            line.pieces(at: ":").dropFirst().first?.words(at: ",") ?? []
        }
        return (false, hierarchies.contains("hugetlb"))
    }

    /// Without CAP_SYS_RESOURCE (24) the score cannot go below what a privileged parent set (proc(5), oom_score_adj).
    private static func lowestScore(effective: UInt64) throws(EngineError) -> Int64 {
        if effective & (1 << 24) != 0 { return -1000 }
        let own = try text("/proc/self/oom_score_adj") ?? "0"
        return Int64(decimal: own.trimmed) ?? 0
    }

    /// /proc/self/limits has a line for each: its name, padded, the soft limit, the hard one and a unit (proc(5)).
    private static func limits() throws(EngineError) -> [String: UInt64] {
        hardLimits(try text("/proc/self/limits") ?? "")
    }

    static func hardLimits(_ text: String) -> [String: UInt64] {
        let names = [
            "cpu time": "CPU", "file size": "FSIZE", "data size": "DATA", "stack size": "STACK",
            "core file size": "CORE",
            "resident set": "RSS", "processes": "NPROC", "open files": "NOFILE", "locked memory": "MEMLOCK",
            "address space": "AS", "file locks": "LOCKS", "pending signals": "SIGPENDING", "msgqueue size": "MSGQUEUE",
            "nice priority": "NICE", "realtime priority": "RTPRIO", "realtime timeout": "RTTIME",
        ]
        var limits: [String: UInt64] = [:]
        for line in text.words(at: "\n") where line.begins(with: "Max ") && line.utf8.count > 26 {
            let title = Substring(line.utf8.prefix(26).dropFirst(4)).trimmed
            let values = Substring(line.utf8.dropFirst(26)).words(at: " ")
            guard let name = names[String(title)], values.count > 1, let hard = UInt64(digits: values[1]) else {
                continue
            }
            limits["RLIMIT_\(name)"] = hard
        }
        return limits
    }

    static func pageSizes() throws(EngineError) -> Set<String> {
        var sizes: Set<String> = []
        for name in try LocalHost().list("/sys/kernel/mm/hugepages") {
            guard let size = name.without(prefix: "hugepages-")?.without(suffix: "kB"),
                let kilobytes = Int64(digits: size)
            else { continue }
            sizes.insert(pageSizeName(kilobytes))
        }
        return sizes
    }

    static func pageSizeName(_ kilobytes: Int64) -> String {
        if kilobytes % (1 << 20) == 0 { return "\(kilobytes >> 20)GB" }
        if kilobytes % (1 << 10) == 0 { return "\(kilobytes >> 10)MB" }
        return "\(kilobytes)KB"
    }

    private static var goArchitecture: String {
        #if arch(x86_64)
        "amd64"
        #elseif arch(arm64)
        "arm64"
        #elseif arch(s390x)
        "s390x"
        #elseif arch(powerpc64le)
        "ppc64le"
        #elseif arch(riscv64)
        "riscv64"
        #else
        "unknown"
        #endif
    }

    private static func text(_ path: String) throws(EngineError) -> String? {
        try LocalHost().read(path).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func hexField(_ name: String, _ status: String) -> UInt64 {
        for line in status.words(at: "\n") {
            if let value = line.without(prefix: name) { return UInt64(value.trimmed, radix: 16) ?? 0 }
        }
        return 0
    }
}
