/// What one container uses now.
package struct ContainerUsage: Hashable, Sendable {
    package var container: Container
    package var usage: CgroupUsage
    /// CPU time per second of the last interval, nanoseconds; nil until there were two readings.
    package var nanoCores: UInt64?
    /// As last measured; nil before the first time.
    package var writableLayer: FilesystemUsage?

    package init(
        container: Container, usage: CgroupUsage, nanoCores: UInt64?, writableLayer: FilesystemUsage? = nil
    ) {
        self.container = container
        self.usage = usage
        self.nanoCores = nanoCores
        self.writableLayer = writableLayer
    }
}

/// What containers use, by the kernel's counters.
///
/// What must always hold: a container without a cgroup (created, exited, just gone), or whose cgroup does not answer, is no error of a list;
/// it is not in it. A call leaves nothing behind but one sample for each container that runs.
package struct ContainerStats: Sendable {
    private let context: UseCases.Context
    private let layers: WritableLayers
    let rates = CPURates<ContainerID>()

    init(_ context: UseCases.Context, layers: WritableLayers) {
        self.context = context
        self.layers = layers
    }

    /// - Throws: `notFound` for the container; `failedPrecondition` unless it runs; `unavailable` where its counters do not answer.
    package func callAsFunction(_ id: ContainerID) async throws(DomainError) -> ContainerUsage {
        guard let container = context.index.container(id) else {
            throw DomainError(.notFound, "container \(id) does not exist")
        }
        if container.hasCounters {
            switch await context.ports.usage.usages(of: [container.cgroup]).first {
            case .value(let usage): return usageOf(container, usage)
            case .failed(let error): throw error
            case .gone, nil: break
            }
        }
        // It may have ended meanwhile.
        let state = context.index.container(id)?.state ?? .removed
        throw DomainError(
            .failedPrecondition, "container \(id) is \(state.rawValue); only what runs uses anything")
    }

    /// Those that match and run, in no order.
    package func callAsFunction(_ filter: ContainerFilter = ContainerFilter()) async -> [ContainerUsage] {
        let usages = await usages(of: context.index.containers(filter))
        rates.keep(where: isRunning)
        return usages
    }

    func usages(of containers: [Container]) async -> [ContainerUsage] {
        let containers = containers.filter(\.hasCounters)
        let readings = await context.ports.usage.usages(of: containers.map(\.cgroup))
        return zip(containers, readings).compactMap { container, reading in
            if case .value(let usage) = reading { usageOf(container, usage) } else { nil }
        }
    }

    private func usageOf(_ container: Container, _ usage: CgroupUsage) -> ContainerUsage {
        ContainerUsage(
            container: container, usage: usage, nanoCores: rates.rate(container.id, usage, isAlive: isRunning),
            writableLayer: layers.usage(of: container.id))
    }

    private func isRunning(_ id: ContainerID) -> Bool { context.index.container(id)?.state == .running }
}

extension Container {
    var hasCounters: Bool { state == .running && !cgroup.isEmpty }
}
