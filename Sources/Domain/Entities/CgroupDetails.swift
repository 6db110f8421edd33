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
        package var readBytes: UInt64 = 0
        package var reads: UInt64 = 0
        package var writtenBytes: UInt64 = 0
        package var writes: UInt64 = 0
        package init(name: String) { self.name = name }
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
    package var processes: UInt64?
    package var devices: [Device] = []

    package init(usage: CgroupUsage) { self.usage = usage }
}
