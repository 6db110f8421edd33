import JSON

/// Everything that a CNI ADD was called with and that its DEL needs: what `network.json` of a pod holds.
package struct NetworkAttachment: Equatable, Sendable {
    package var list: NetworkConfigList
    package var containerID: String
    package var interface = "eth0"
    /// Path of the network namespace.
    package var netns: String
    package var args: [String: String]
    package var binDirs: [String]
    /// By capability: what a plugin that declares the capability gets as `runtimeConfig`.
    package var capabilityArguments: [String: JSON]
    /// How many plugins, from the first, the ADD was tried with: the DEL is for these alone.
    package var attempted = 0
    /// Of the last plugin of the ADD that has answered; nil before that.
    package var result: JSON?

    package init(
        list: NetworkConfigList, containerID: String, netns: String, args: [String: String], binDirs: [String],
        capabilityArguments: [String: JSON]
    ) {
        self.list = list
        self.containerID = containerID
        self.netns = netns
        self.args = args
        self.binDirs = binDirs
        self.capabilityArguments = capabilityArguments
    }

    /// Of the network that a pod's configuration asks for, as it is configured now.
    package init(_ config: PodConfig, uuid: PodUUID, netns: String) throws(EngineError) {
        self.init(
            list: try NetworkConfigList.load(directory: config.network.confDir, name: config.network.name),
            containerID: config.containerID.isEmpty ? uuid.withoutDashes : config.containerID, netns: netns,
            args: config.network.args, binDirs: config.network.binDirs,
            capabilityArguments: Self.capabilityArguments(config))
    }

    package var json: JSON {
        var document: [String: JSON] = [
            "conflist": list.json, "containerID": .string(containerID), "ifName": .string(interface),
            "netns": .string(netns),
            "args": .stringMap(args), "binDirs": .strings(binDirs), "capabilityArguments": .object(capabilityArguments),
            "attempted": .integer(Int64(attempted)),
        ]
        if let result { document["result"] = result }
        return .object(document)
    }

    package init(json: JSON) throws(EngineError) {
        guard let list = json["conflist"], let containerID = json["containerID"]?.stringValue,
            let interface = json["ifName"]?.stringValue, let netns = json["netns"]?.stringValue
        else { throw EngineError(.internal, "network.json: conflist, containerID, ifName and netns must be there") }
        self.list = try NetworkConfigList(json: list, source: "network.json")
        self.containerID = containerID
        self.interface = interface
        self.netns = netns
        var reader = try ObjectReader(json, path: "network.json")
        args = try reader.stringMap("args")
        binDirs = try reader.strings("binDirs")
        capabilityArguments = try reader.members("capabilityArguments")
        let all = self.list.plugins.count
        attempted = try reader.optionalInteger("attempted").map { Int(clamping: $0) } ?? all
        guard (0...all).contains(attempted) else {
            throw EngineError(.internal, "network.json: attempted is \(attempted), of \(all) plugins")
        }
        result = json["result"]
    }

    /// What one plugin of the list reads on standard input (CNI specification 1.0, section 3, deriving execution configuration).
    package func configuration(of plugin: JSON, previous: JSON?) -> JSON {
        var members = plugin.objectValue ?? [:]
        members["name"] = .string(list.name)
        members["cniVersion"] = .string(list.cniVersion)
        let capabilities = members.removeValue(forKey: "capabilities")?.objectValue ?? [:]
        let enabled = capabilities.filter { $0.value.boolValue == true }.keys
        let runtime = capabilityArguments.filter { enabled.contains($0.key) }
        if !runtime.isEmpty { members["runtimeConfig"] = .object(runtime) }
        if let previous { members["prevResult"] = previous }
        return .object(members)
    }

    /// The arguments that a pod's configuration gives to plugins, by capability; `portMappings` and `dns` are made of the pod's own.
    package static func capabilityArguments(_ config: PodConfig) -> [String: JSON] {
        var arguments = config.network.capabilities
        let mappings = config.ports.filter { $0.hostPort != 0 }.map { port -> JSON in
            var mapping: [String: JSON] = [
                "hostPort": .integer(Int64(port.hostPort)), "containerPort": .integer(Int64(port.containerPort)),
                "protocol": .string(port.protocol.rawValue),
            ]
            if !port.hostIP.isEmpty { mapping["hostIP"] = .string(port.hostIP) }
            return .object(mapping)
        }
        if !mappings.isEmpty { arguments["portMappings"] = .array(mappings) }
        if !config.dns.isEmpty {
            arguments["dns"] = .object([
                "servers": .strings(config.dns.servers), "searches": .strings(config.dns.searches),
                "options": .strings(config.dns.options),
            ])
        }
        return arguments
    }
}
