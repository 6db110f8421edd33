/// What metrics have beyond the stats of a cgroup. Nil: the kernel does not count it here. Times in nanoseconds.
package struct CgroupDetails: Hashable, Sendable {
    package struct Throttling: Hashable, Sendable {
        package var periods: UInt64
        package var throttledPeriods: UInt64
        package var throttledTime: UInt64
        package init(periods: UInt64, throttledPeriods: UInt64, throttledTime: UInt64) {
            self.periods = periods
            self.throttledPeriods = throttledPeriods
            self.throttledTime = throttledTime
        }
    }

    /// Of one block device.
    package struct Device: Hashable, Sendable {
        /// `/dev/sda`, or its numbers where it has no name.
        package var name: String
        package var major = ""
        package var minor = ""
        package var readBytes: UInt64 = 0
        package var reads: UInt64 = 0
        package var writtenBytes: UInt64 = 0
        package var writes: UInt64 = 0
        package init(name: String) { self.name = name }
    }

    /// What the processes have open.
    package struct Files: Hashable, Sendable {
        package var descriptors: UInt64
        package var sockets: UInt64
        /// The soft limit of the first process's open files; nil: none.
        package var softLimit: UInt64?
        package init(descriptors: UInt64 = 0, sockets: UInt64 = 0, softLimit: UInt64? = nil) {
            self.descriptors = descriptors
            self.sockets = sockets
            self.softLimit = softLimit
        }
    }

    /// Huge pages of one size, in bytes.
    package struct HugePages: Hashable, Sendable {
        /// `2MB`, as the kernel's files are called.
        package var size: String
        package var usage: UInt64
        package var maxUsage: UInt64?
        package init(size: String, usage: UInt64, maxUsage: UInt64?) {
            self.size = size
            self.usage = usage
            self.maxUsage = maxUsage
        }
    }

    package var usage: CgroupUsage
    package var userCPU: UInt64?
    package var systemCPU: UInt64?
    package var throttling: Throttling?
    /// Bytes.
    package var cache: UInt64?
    package var mapped: UInt64?
    package var kernel: UInt64?
    package var maxMemory: UInt64?
    /// How often the limit was met.
    package var limitHits: UInt64?
    package var outOfMemoryKills: UInt64?
    package var swapLimit: UInt64?
    /// Memory that is kept for it; 0 without any.
    package var reservation: UInt64?
    package var processes: UInt64?
    /// The limit of `tasks`; 0 without one.
    package var tasksLimit: UInt64?
    /// Nil where nobody asked.
    package var files: Files?
    package var hugePages: [HugePages] = []
    package var devices: [Device] = []

    package init(usage: CgroupUsage) { self.usage = usage }
}
