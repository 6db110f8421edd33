import ByteText
import Synchronization

/// What one container uses now.
package struct ContainerUsage: Hashable, Sendable {
    package var container: Container
    package var usage: CgroupUsage
    /// CPU time per second of the last while, nanoseconds; nil until there were two readings.
    package var nanoCores: UInt64?

    package init(container: Container, usage: CgroupUsage, nanoCores: UInt64?) {
        self.container = container
        self.usage = usage
        self.nanoCores = nanoCores
    }
}

/// What containers use, by the kernel's counters.
///
/// What must always hold: a container without a cgroup (created, exited, just gone) is no error of a list; it is not in it.
package struct ContainerStats: Sendable {
    /// Readings closer together than this say little: the rate of before stays.
    private static let shortest: Int64 = 900_000_000

    private final class Rates: Sendable {
        struct Entry {
            var base: CgroupUsage
            var rate: UInt64?
        }
        let entries = Mutex<[ContainerID: Entry]>([:])
    }

    private let context: UseCases.Context
    private let rates = Rates()

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// - Throws: `notFound` for the container; `failedPrecondition` unless it runs; why its counters cannot be read.
    package func callAsFunction(_ id: ContainerID) async throws(DomainError) -> ContainerUsage {
        guard let container = context.index.container(id) else {
            throw DomainError(.notFound, "container \(id) does not exist")
        }
        guard let usage = try await read(container) else {
            throw DomainError(
                .failedPrecondition, "container \(id) is \(container.state.rawValue); only what runs uses anything")
        }
        return usage
    }

    /// Those that match and run, in no order.
    package func callAsFunction(_ filter: ContainerFilter) async throws(DomainError) -> [ContainerUsage] {
        var usages: [ContainerUsage] = []
        for container in context.index.containers(filter) {
            if let usage = try await read(container) { usages.append(usage) }
        }
        forgetOthers()
        return usages
    }

    private func read(_ container: Container) async throws(DomainError) -> ContainerUsage? {
        guard container.state == .running, !container.cgroup.isEmpty,
            let usage = try await context.ports.usage.usage(ofCgroup: container.cgroup)
        else { return nil }
        return ContainerUsage(container: container, usage: usage, nanoCores: rate(container.id, usage))
    }

    private func rate(_ id: ContainerID, _ now: CgroupUsage) -> UInt64? {
        guard let cpu = now.cpu else { return nil }
        return rates.entries.withLock { entries in
            guard let entry = entries[id], let before = entry.base.cpu, cpu >= before else {
                entries[id] = Rates.Entry(base: now)
                return nil
            }
            let elapsed = now.at.nanoseconds - entry.base.at.nanoseconds
            guard elapsed >= Self.shortest else { return entry.rate }
            let rate = UInt64(saturating: Double(cpu - before) * 1e9 / Double(elapsed))
            entries[id] = Rates.Entry(base: now, rate: rate)
            return rate
        }
    }

    private func forgetOthers() {
        let index = context.index
        rates.entries.withLock { entries in entries = entries.filter { index.container($0.key)?.state == .running } }
    }
}
