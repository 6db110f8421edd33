extension UseCases.Context {
    /// What went through the networks of pods, looked for through their running containers.
    ///
    /// - Returns: without pods on the host's network, and those whose network cannot be looked into.
    func networks(of pods: [(pod: PodSandbox, containers: [Container])]) async -> [PodID: NetworkUsage] {
        var places: [NetworkPlace] = []
        var owners: [PodID] = []
        for (pod, containers) in pods where !pod.networkNamespace.isEmpty {
            let processes = containers.filter { $0.state == .running && $0.pid > 0 }.map(\.pid)
            guard !processes.isEmpty else { continue }
            places.append(NetworkPlace(processes: processes, namespace: pod.networkNamespace))
            owners.append(pod.id)
        }
        var networks: [PodID: NetworkUsage] = [:]
        for (owner, reading) in zip(owners, await ports.usage.networks(of: places)) {
            if case .value(let usage) = reading { networks[owner] = usage }
        }
        return networks
    }
}
