/// What containers and pods use, as the kernel counts it.
///
/// Reading never takes a thread of the cooperative pool, and waits for no cgroup that does not answer.
package protocol ResourceUsage: Sendable {
    /// One reading for each of the cgroups, in their order.
    ///
    /// - Parameter cgroups: as in the engine's records, below the root of the hierarchy.
    func usages(of cgroups: [String]) async -> [Reading<CgroupUsage>]

    /// The same with what metrics have beyond stats.
    ///
    /// - Parameter files: also what their processes have open, which is looked up process by process.
    func details(of cgroups: [String], files: Bool) async -> [Reading<CgroupDetails>]

    /// The counters of network namespaces, in the order of the places.
    func networks(of places: [NetworkPlace]) async -> [Reading<NetworkUsage>]
}

/// What came of reading one thing.
package enum Reading<Value: Sendable>: Sendable {
    case value(Value)
    /// There is no such thing (any more).
    case gone
    /// It is there, and does not answer.
    case failed(DomainError)
}

extension Reading: Equatable where Value: Equatable {}
extension Reading: Hashable where Value: Hashable {}

/// Where a network namespace can be looked into.
package struct NetworkPlace: Hashable, Sendable {
    /// Processes that are in it, as far as is known: one may have ended, and its number be another's.
    package var processes: [Int32]
    /// The pinned namespace, which tells whether a process really is in it.
    package var namespace: String

    package init(processes: [Int32], namespace: String) {
        self.processes = processes
        self.namespace = namespace
    }
}
