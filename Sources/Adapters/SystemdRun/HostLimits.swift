import ByteText
import Glibc

/// What the host's systemd may give its units, read from its own process.
package struct HostLimits: Equatable, Sendable {
    /// PID 1 holds CAP_SYS_RESOURCE: it may lower OOM scores and raise hard limits.
    package var maySetResources: Bool
    /// The hard limit of open files of PID 1.
    package var openFiles: UInt64
    /// It has cgroup v2 and nothing else.
    package var isUnified = false

    package init(maySetResources: Bool, openFiles: UInt64) {
        self.maySetResources = maySetResources
        self.openFiles = openFiles
    }

    /// - Parameters:
    ///   - status: the text of `/proc/1/status`.
    ///   - limits: the text of `/proc/1/limits`.
    ///   - maximumOpenFiles: the number in `/proc/sys/fs/nr_open`: above it nobody goes.
    package init(status: String, limits: String, maximumOpenFiles: String) {
        let effective = Self.behind("CapEff:", in: status)?.words.first.flatMap { UInt64($0, radix: 16) } ?? 0
        let hasResource = effective & (1 << 24) != 0
        let ceiling = UInt64(digits: maximumOpenFiles.trimmed) ?? 1_048_576
        let hard = Self.behind("Max open files", in: limits)?.words.dropFirst().first
        let hardLimit = hard.flatMap { $0 == "unlimited" ? ceiling : UInt64(digits: $0) } ?? ceiling
        self.init(maySetResources: hasResource, openFiles: hasResource ? ceiling : min(hardLimit, ceiling))
    }

    package static func current() -> HostLimits {
        var limits = HostLimits(
            status: SmallFile.text("/proc/1/status"), limits: SmallFile.text("/proc/1/limits"),
            maximumOpenFiles: SmallFile.text("/proc/sys/fs/nr_open"))
        limits.isUnified = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0
        return limits
    }

    /// What is behind `name` in the first line that begins so.
    private static func behind(_ name: String, in text: String) -> Substring? {
        text.lines.lazy.compactMap { $0.without(prefix: name) }.first
    }
}
