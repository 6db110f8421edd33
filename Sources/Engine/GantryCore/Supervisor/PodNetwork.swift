import Glibc
import JSON

/// Attaches a pod to its network.
struct PodNetwork {
    let pod: PodDirectory
    let config: PodConfig
    let signals: PodSignals

    /// - Returns: what the plugins said; nil without plugins.
    func attach(_ namespaces: PodNamespaces.Paths, _ record: inout PodRecord) throws(EngineError) -> NetworkResult? {
        switch config.network.mode {
        case .none:
            record.netns = namespaces.network ?? ""
            return nil
        case .host:
            record.networks = [PodRecord.Network(netName: "host", ifName: "", ips: HostAddresses.current(), mask: "")]
            return nil
        case .cni:
            guard let path = namespaces.network else {
                throw EngineError(.internal, "pod \(pod.uuid): has no network namespace of its own to attach")
            }
            record.netns = path
            return try attach(path, &record)
        }
    }

    private func attach(_ netns: String, _ record: inout PodRecord) throws(EngineError) -> NetworkResult {
        let list = try NetworkConfigList.load(directory: config.network.confDir, name: config.network.name)
        var attachment = NetworkAttachment(
            list: list, containerID: config.containerID.isEmpty ? pod.uuid.withoutDashes : config.containerID, netns: netns,
            args: config.network.args, binDirs: config.network.binDirs,
            capabilityArguments: NetworkAttachment.capabilityArguments(config))
        var plugins = NetworkPlugins()
        plugins.cancellation = signals.termination.raw
        // Durable before the first plugin runs: leases outlive a crash of the host, and so must what takes them back.
        try plugins.attach(&attachment) { (attachment) throws(EngineError) in
            try pod.writeNetwork(attachment.json, durability: attachment.attempted == 1 ? .durable : .atomic)
        }
        try pod.writeNetwork(attachment.json, durability: .atomic)
        let result = NetworkResult(json: attachment.result ?? .null)
        record.networks = [result.network(named: list.name, interface: attachment.interface)]
        record.network.state = .attached
        return result
    }
}
