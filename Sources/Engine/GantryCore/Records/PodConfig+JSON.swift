import ByteText
import JSON

extension PodConfig {
    /// Reads the document: unknown keys and wrong types are refused, naming the key path.
    package init(json: JSON) throws(EngineError) {
        var reader = try ObjectReader(json)
        try reader.version()
        _ = try reader.optionalInteger("format", in: 1...1)
        if let text = try reader.optionalString("uuid"), !text.isEmpty {
            guard let uuid = PodUUID(text) else { throw reader.invalid("uuid", "\"\(text)\" is not a lower-case UUID") }
            self.uuid = uuid
        }
        unit = try reader.string("unit")
        guard unit.isEmpty || (Validation.isWord(unit) && !unit.has("/")) else {
            throw reader.invalid("unit", "\"\(unit)\" is not a unit name")
        }
        hostname = try reader.string("hostname")
        guard hostname.isEmpty || Validation.isHostname(hostname) else {
            throw reader.invalid("hostname", "\"\(hostname)\" is not a host name of at most 64 bytes")
        }
        try readNetworking(&reader)
        namespaces =
            try reader.object("namespaces") { (nested) throws(EngineError) in try Namespaces(&nested) } ?? Namespaces()
        sysctls = try reader.stringMap("sysctls")
        for name in sysctls.keys.sorted() where !Validation.isSysctl(name) {
            throw reader.invalid("sysctls", "\"\(name)\" is not the name of a sysctl")
        }
        if let size = try reader.optionalInteger("shmSize", in: 0...Int64.max), size > 0 { shmSize = size }
        if let seconds = try reader.optionalInteger("stopTimeoutSeconds", in: 0...Int64(Int32.max)) {
            stopTimeoutSeconds = seconds
        }
        containerID = try reader.string("containerID")
        guard containerID.isEmpty || Validation.isContainerID(containerID) else {
            throw reader.invalid("containerID", "\"\(containerID)\" is not what CNI takes as a container id")
        }
        ociRuntime = try reader.absolutePath("ociRuntime")
        annotations = try reader.stringMap("annotations")
        userAnnotations = try reader.stringMap("userAnnotations")
        userLabels = try reader.stringMap("userLabels")
        try reader.finish()
    }

    private mutating func readNetworking(_ reader: inout ObjectReader) throws(EngineError) {
        dns = try reader.object("dns") { (nested) throws(EngineError) in try DNS(&nested) } ?? DNS()
        hosts = try reader.objects("hosts") { (nested) throws(EngineError) in try HostsEntry(&nested) }
        network = try reader.object("network") { (nested) throws(EngineError) in try Network(&nested) } ?? Network()
        ports = try reader.objects("ports") { (nested) throws(EngineError) in try Port(&nested) }
    }

    /// The document this was read from, with every default spelled out.
    package var json: JSON {
        var document: [String: JSON] = [
            "version": .integer(1), "unit": .string(unit), "hostname": .string(hostname),
            "dns": .object([
                "servers": .strings(dns.servers), "searches": .strings(dns.searches), "options": .strings(dns.options),
            ]),
            "hosts": .array(hosts.map { .object(["ip": .string($0.ip), "names": .strings($0.names)]) }),
            "network": .object([
                "mode": .string(network.mode.rawValue), "name": .string(network.name),
                "confDir": .string(network.confDir),
                "binDirs": .strings(network.binDirs), "args": .stringMap(network.args),
                "capabilities": .object(network.capabilities),
            ]),
            "ports": .array(ports.map(\.json)),
            "sysctls": .stringMap(sysctls), "shmSize": .integer(shmSize),
            "stopTimeoutSeconds": .integer(stopTimeoutSeconds), "containerID": .string(containerID),
            "annotations": .stringMap(annotations), "userAnnotations": .stringMap(userAnnotations),
            "userLabels": .stringMap(userLabels),
        ]
        if !ociRuntime.isEmpty { document["ociRuntime"] = .string(ociRuntime) }
        if let uuid { document["uuid"] = .string(uuid.string) }
        var modes: [String: JSON] = ["pid": .string(namespaces.pid.rawValue), "ipc": .string(namespaces.ipc.rawValue)]
        if let user = namespaces.user { modes["user"] = user.json }
        document["namespaces"] = .object(modes)
        return .object(document)
    }
}

extension ObjectReader {
    /// Every configuration says its version; this engine knows one.
    mutating func version() throws(EngineError) {
        guard let number = try optionalInteger("version") else {
            throw invalid("version", "is missing; this engine knows 1")
        }
        guard number == 1 else {
            throw EngineError(.unsupported, "\(keyPath("version")): \(number) is not known; this engine knows 1")
        }
    }
}

extension PodConfig.DNS {
    init(_ reader: inout ObjectReader) throws(EngineError) {
        servers = try reader.strings("servers")
        for server in servers where !Validation.isNameServer(server) {
            throw reader.invalid("servers", "\"\(server)\" is not an IP address")
        }
        searches = try reader.strings("searches")
        for search in searches where !Validation.isWord(search) {
            throw reader.invalid("searches", "\"\(search)\" is not a domain")
        }
        options = try reader.strings("options")
        for option in options where !Validation.isWord(option) {
            throw reader.invalid("options", "\"\(option)\" is not a resolver option")
        }
        try reader.finish()
    }
}

extension PodConfig.HostsEntry {
    init(_ reader: inout ObjectReader) throws(EngineError) {
        ip = try reader.string("ip")
        guard Validation.isAddress(ip) else { throw reader.invalid("ip", "\"\(ip)\" is not an IP address") }
        names = try reader.strings("names")
        guard !names.isEmpty else { throw reader.invalid("names", "must name at least one host") }
        for name in names where !Validation.isWord(name) {
            throw reader.invalid("names", "\"\(name)\" is not a host name")
        }
        try reader.finish()
    }
}

extension PodConfig.Network {
    init(_ reader: inout ObjectReader) throws(EngineError) {
        mode = try reader.choice("mode", default: .cni)
        name = try reader.string("name")
        let directory = try reader.absolutePath("confDir")
        if !directory.isEmpty { confDir = directory }
        if let directories = try reader.absolutePaths("binDirs"), !directories.isEmpty { binDirs = directories }
        args = try reader.stringMap("args")
        for (key, value) in args {
            // CNI_ARGS is `K=V;K=V` and knows no escape.
            guard Validation.isWord(key), !key.has("="), !key.has(";"), !value.has(";"),
                !value.utf8.contains(0)
            else { throw reader.invalid("args", "\"\(key)\" or its value cannot be written in CNI_ARGS") }
        }
        if let value = reader.take("capabilities") {
            guard let members = value.objectValue else { throw reader.invalid("capabilities", "must be an object") }
            capabilities = members
        }
        try reader.finish()
    }
}

extension PodConfig.Port {
    init(_ reader: inout ObjectReader) throws(EngineError) {
        `protocol` = try reader.choice("protocol", default: .tcp)
        containerPort = UInt16(truncatingIfNeeded: try reader.integer("containerPort", in: 0...65535))
        guard containerPort > 0 else { throw reader.invalid("containerPort", "must be 1 to 65535") }
        hostPort = UInt16(truncatingIfNeeded: try reader.integer("hostPort", in: 0...65535))
        hostIP = try reader.string("hostIP")
        guard hostIP.isEmpty || Validation.isAddress(hostIP) else {
            throw reader.invalid("hostIP", "\"\(hostIP)\" is not an IP address")
        }
        try reader.finish()
    }

    /// As the configuration and `network.json` write it.
    package var json: JSON {
        .object([
            "protocol": .string(`protocol`.rawValue), "containerPort": .integer(Int64(containerPort)),
            "hostPort": .integer(Int64(hostPort)), "hostIP": .string(hostIP),
        ])
    }
}

extension PodConfig.Namespaces {
    init(_ reader: inout ObjectReader) throws(EngineError) {
        pid = try reader.choice("pid", default: .container)
        ipc = try reader.choice("ipc", default: .pod)
        user = try reader.object("user") { (nested) throws(EngineError) in try UserNamespace(&nested) }
        try reader.finish()
    }
}
