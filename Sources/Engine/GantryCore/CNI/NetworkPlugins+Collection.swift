import JSON

/// One interface of a container in a network.
package struct ValidAttachment: Equatable, Sendable {
    package var containerID: String
    package var interface: String

    package init(containerID: String, interface: String) {
        self.containerID = containerID
        self.interface = interface
    }
}

extension NetworkPlugins {
    /// GC of every plugin that has it (CNI specification 1.1, section 4): it takes back what belongs to no valid attachment. Goes on after a
    /// failure and throws the first. One that is not there has nothing to say.
    /// - Parameter deadline: on the monotonic clock. The list of attachments holds no longer than until then: what is left by then is not called.
    package func collect(
        _ list: NetworkConfigList, binDirs: [String], valid: [ValidAttachment], until deadline: Int64
    ) throws(EngineError) {
        let network = NetworkAttachment(
            list: list, containerID: "", netns: "", args: [:], binDirs: binDirs, capabilityArguments: [:])
        let attachments = JSON.array(
            valid.map { ["containerID": .string($0.containerID), "ifname": .string($0.interface)] })
        var first: EngineError?
        for plugin in list.plugins {
            var plugins = self
            plugins.timeout = min(timeout, deadline - Clock.monotonic())
            guard plugins.timeout > 0 else {
                throw EngineError(.deadline, "network \(list.name): its plugins take too long to remove what is stale")
            }
            guard (try? executable("GC", plugin, network)) != nil else { continue }
            do throws(EngineError) {
                guard try plugins.hasGC(plugin, network) else { continue }
                plugins.timeout = min(timeout, deadline - Clock.monotonic())
                var input = network.configuration(of: plugin, previous: nil).objectValue ?? [:]
                input["cni.dev/valid-attachments"] = attachments
                _ = try plugins.execute("GC", plugin, network, input: .object(input))
            } catch {
                first = first ?? error
            }
        }
        if let first { throw first }
    }

    private func hasGC(_ plugin: JSON, _ network: NetworkAttachment) throws(EngineError) -> Bool {
        let answer = try execute("VERSION", plugin, network, input: ["cniVersion": .string(network.list.cniVersion)])
        return (answer?["supportedVersions"]?.arrayValue ?? []).contains { version in
            version.stringValue.map(NetworkConfigList.hasGC) ?? false
        }
    }
}
