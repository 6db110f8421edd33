/// Pressure stall information: for how long tasks waited for something (Documentation/accounting/psi.rst).
package struct Pressure: Hashable, Sendable {
    package struct Share: Hashable, Sendable {
        /// Microseconds so far.
        package var total: UInt64
        /// Percent of the last 10, 60 and 300 seconds.
        package var average10: Double
        package var average60: Double
        package var average300: Double

        package init(total: UInt64, average10: Double, average60: Double, average300: Double) {
            self.total = total
            self.average10 = average10
            self.average60 = average60
            self.average300 = average300
        }
    }

    /// At least one task waited.
    package var some: Share
    /// All that were not idle waited.
    package var full: Share

    package init(some: Share, full: Share) {
        self.some = some
        self.full = full
    }
}

/// Of one cgroup. Nil where the kernel does not tell.
package struct Pressures: Hashable, Sendable {
    package var cpu: Pressure?
    package var memory: Pressure?
    package var io: Pressure?

    package init(cpu: Pressure? = nil, memory: Pressure? = nil, io: Pressure? = nil) {
        self.cpu = cpu
        self.memory = memory
        self.io = io
    }
}
