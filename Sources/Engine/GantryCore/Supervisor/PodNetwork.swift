import Glibc
import JSON

/// Attaches a pod to its network.
struct PodNetwork {
    let pod: PodDirectory
    let config: PodConfig
    let signals: PodSignals
    let dir: String
    let runDir: String

    /// - Returns: what the plugins said; nil without plugins.
    func attach(_ namespaces: PodNamespaces.Paths, _ record: inout PodRecord) throws(EngineError) -> NetworkResult? {
        switch config.network.mode {
        case .none:
            record.netns = namespaces.network ?? ""
            return nil
        case .host:
            // No addresses: they are the node's, which whoever asks knows better than a list of interfaces.
            record.networks = [PodRecord.Network(netName: "host", ifName: "", ips: [], mask: "")]
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
        var attachment = try NetworkAttachment(config, uuid: pod.uuid, netns: netns)
        var plugins = NetworkPlugins()
        plugins.cancellation = signals.termination.raw
        try plugins.check(attachment)
        try writeAhead(attachment)
        if attachment.list.isCollected {
            try UsedNetworks(dir: dir).note(
                .init(
                    name: attachment.list.name, confDir: config.network.confDir, binDirs: config.network.binDirs))
        }
        var unwritten: EngineError?
        plugins.meanwhile = { [pod] in
            do throws(EngineError) { try pod.sync() } catch { unwritten = error }
        }
        // Also for the case that this process dies between two plugins.
        plugins.reached = { [pod] (result) throws(EngineError) in try pod.writeNetworkResult(result) }
        do throws(EngineError) {
            try plugins.attach(&attachment)
            if let unwritten { throw unwritten }
        } catch {
            // Which plugins were tried; without it all of them are asked to take back.
            try? pod.writeNetwork(attachment.json, durability: .atomic)
            throw error
        }
        let result = NetworkResult(json: attachment.result ?? .null)
        record.networks = [result.network(named: attachment.list.name, interface: attachment.interface)]
        record.network.state = .attached
        return result
    }

    /// Leases outlive a crash of the host, and so must what takes them back: it is there before the first plugin runs, and synced while that
    /// does. A lease whose file is older on the disk there is not: file systems with a journal keep the order in which names came to be.
    private func writeAhead(_ attachment: NetworkAttachment) throws(EngineError) {
        var all = attachment
        all.attempted = all.list.plugins.count
        // Whoever collects what is stale has not begun, or is done.
        let lock = all.list.isCollected ? try NetworkLock.forAttachment(runDir: runDir) : nil
        defer { withExtendedLifetime(lock) {} }
        try pod.writeNetwork(all.json, durability: .atomic)
    }
}
