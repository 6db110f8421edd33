import Domain
import JSON

extension PodSandboxConfig {
    var json: JSON {
        var document = JSONMembers()
        document.set(
            "metadata",
            [
                "name": .string(metadata.name), "uid": .string(metadata.uid), "namespace": .string(metadata.namespace),
                "attempt": .integer(Int64(metadata.attempt)),
            ])
        document.set("hostname", hostname)
        document.set("log_directory", logDirectory)
        if !dns.isEmpty { document.set("dns", dns.json) }
        document.set("port_mappings", portMappings.map(\.json))
        document.set("labels", labels)
        document.set("annotations", annotations)
        document.set("cgroup_parent", cgroupParent)
        document.set("namespaces", namespaces.json)
        document.set("sysctls", sysctls)
        document.set("overhead", overhead?.json)
        document.set("resources", resources?.json)
        document.set("privileged", privileged)
        document.set("selinux", seLinux?.json)
        document.set("runtime_handler", runtimeHandler)
        return document.json
    }

    init(fields: JSONFields) throws(CodecError) {
        let metadata = try fields.object("metadata") { (nested) throws(CodecError) in
            PodSandboxMetadata(
                name: try nested.string("name"), uid: try nested.string("uid"),
                namespace: try nested.string("namespace"),
                attempt: try nested.integer("attempt"))
        }
        guard let metadata else { throw CodecError(path: "\(fields.path).metadata", expected: "there") }
        self.init(metadata: metadata)
        hostname = try fields.string("hostname")
        logDirectory = try fields.string("log_directory")
        dns = try fields.object("dns") { (nested) throws(CodecError) in try DNSConfig(fields: nested) } ?? DNSConfig()
        portMappings = try fields.objects("port_mappings") { (nested) throws(CodecError) in
            try PortMapping(fields: nested)
        }
        labels = try fields.stringMap("labels")
        annotations = try fields.stringMap("annotations")
        cgroupParent = try fields.string("cgroup_parent")
        namespaces =
            try fields.object("namespaces") { (nested) throws(CodecError) in try NamespaceOptions(fields: nested) }
            ?? NamespaceOptions()
        sysctls = try fields.stringMap("sysctls")
        overhead = try fields.object("overhead") { (nested) throws(CodecError) in try LinuxResources(fields: nested) }
        resources = try fields.object("resources") { (nested) throws(CodecError) in try LinuxResources(fields: nested) }
        privileged = try fields.bool("privileged")
        seLinux = try fields.object("selinux") { (nested) throws(CodecError) in try SELinuxOptions(fields: nested) }
        runtimeHandler = try fields.string("runtime_handler")
    }
}

extension DNSConfig {
    var json: JSON {
        var document = JSONMembers()
        document.set("servers", servers)
        document.set("searches", searches)
        document.set("options", options)
        return document.json
    }

    init(fields: JSONFields) throws(CodecError) {
        self.init()
        servers = try fields.strings("servers")
        searches = try fields.strings("searches")
        options = try fields.strings("options")
    }
}

extension PortMapping {
    var json: JSON {
        var document = JSONMembers()
        document.set("protocol", transport.rawValue)
        document.set("container_port", containerPort)
        document.set("host_port", hostPort)
        document.set("host_ip", hostIP)
        return document.json
    }

    init(fields: JSONFields) throws(CodecError) {
        self.init(
            transport: try fields.choice("protocol", default: .tcp),
            containerPort: try fields.integer("container_port"),
            hostPort: try fields.integer("host_port"), hostIP: try fields.string("host_ip"))
    }
}
