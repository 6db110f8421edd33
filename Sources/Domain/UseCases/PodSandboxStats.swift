/// What one pod uses now, and its containers.
package struct PodUsage: Hashable, Sendable {
    package var pod: PodSandbox
    /// Of the whole pod; nil where its cgroup is unknown.
    package var usage: CgroupUsage?
    /// CPU time per second of the last interval, nanoseconds; nil until there were two readings.
    package var nanoCores: UInt64?
    /// Nil with the host's network, and while no container runs.
    package var network: NetworkUsage?
    package var containers: [ContainerUsage]

    package init(
        pod: PodSandbox, usage: CgroupUsage?, nanoCores: UInt64?, network: NetworkUsage?, containers: [ContainerUsage]
    ) {
        self.pod = pod
        self.usage = usage
        self.nanoCores = nanoCores
        self.network = network
        self.containers = containers
    }
}

/// What pods use, by the kernel's counters.
///
/// What must always hold: a pod that is not ready, that vanishes while it is read or that does not answer is not in a list, and so are containers
/// of a pod. A call leaves nothing behind but one sample for each pod that is ready.
package struct PodSandboxStats: Sendable {
    private let context: UseCases.Context
    private let containers: ContainerStats
    let rates = CPURates<PodID>()

    init(_ context: UseCases.Context, containers: ContainerStats) {
        self.context = context
        self.containers = containers
    }

    /// - Throws: `notFound` for the pod; `failedPrecondition` unless it is ready; `unavailable` where its counters do not answer.
    package func callAsFunction(_ id: PodID) async throws(DomainError) -> PodUsage {
        guard let pod = context.index.pod(id) else { throw DomainError(.notFound, "pod \(id) does not exist") }
        if pod.state == .ready {
            switch await read([pod]).first {
            case .value(let usage): return usage
            case .failed(let error): throw error
            case .gone, nil: break
            }
        }
        throw DomainError(.failedPrecondition, "pod \(id) is not ready; only what runs uses anything")
    }

    /// Those that match and are ready, in no order.
    package func callAsFunction(_ filter: PodSandboxFilter = PodSandboxFilter()) async -> [PodUsage] {
        let usages = await read(context.index.pods(filter).filter { $0.state == .ready })
        rates.keep(where: isReady)
        return usages.compactMap { if case .value(let usage) = $0 { usage } else { nil } }
    }

    private func read(_ pods: [PodSandbox]) async -> [Reading<PodUsage>] {
        let members = pods.map { context.index.containers(of: $0.id) }
        async let networks = context.networks(of: Array(zip(pods, members)))
        async let usages = context.ports.usage.usages(of: pods.map(\.cgroup).filter { !$0.isEmpty })
        let running = Dictionary(
            grouping: await containers.usages(of: members.flatMap { $0 }), by: \.container.podID)
        var readings = (await usages).makeIterator()
        let interfaces = await networks
        return pods.map { pod in
            var usage: CgroupUsage?
            if !pod.cgroup.isEmpty {
                switch readings.next() {
                case .value(let value): usage = value
                case .failed(let error): return .failed(error)
                case .gone, nil: return .gone
                }
            }
            return .value(
                PodUsage(
                    pod: pod, usage: usage, nanoCores: usage.flatMap { rates.rate(pod.id, $0, isAlive: isReady) },
                    network: interfaces[pod.id], containers: running[pod.id] ?? []))
        }
    }

    private func isReady(_ id: PodID) -> Bool { context.index.pod(id)?.state == .ready }
}
