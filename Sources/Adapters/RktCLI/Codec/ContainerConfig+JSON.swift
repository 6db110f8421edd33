import Domain
import JSON

extension ContainerConfig {
    var json: JSON {
        var document = JSONMembers()
        document.set(
            "metadata", ["name": .string(metadata.name), "attempt": .integer(Int64(metadata.attempt))])
        document.set("image", image.json)
        document.set("command", command)
        document.set("args", args)
        document.set("working_directory", workingDirectory)
        document.set("environment", environment.map { [.string($0.name), .string($0.value)] })
        document.set("mounts", mounts.map(\.json))
        document.set("devices", devices.map(\.json))
        document.set("cdi_devices", cdiDevices)
        document.set("labels", labels)
        document.set("annotations", annotations)
        document.set("log_path", logPath)
        document.set("stdin", stdin)
        document.set("stdin_once", stdinOnce)
        document.set("tty", tty)
        document.set("resources", resources?.json)
        document.set("security", security.json)
        if let stopSignal { document.set("stop_signal", stopSignal.number) }
        return document.json
    }

    init(fields: JSONFields) throws(CodecError) {
        let metadata = try fields.object("metadata") { (nested) throws(CodecError) in
            ContainerMetadata(name: try nested.string("name"), attempt: try nested.integer("attempt"))
        }
        let image = try fields.object("image") { (nested) throws(CodecError) in try ImageSpec(fields: nested) }
        guard let metadata, let image else {
            throw CodecError(path: fields.path, expected: "complete (metadata, image)")
        }
        self.init(metadata: metadata, image: image)
        command = try fields.strings("command")
        args = try fields.strings("args")
        workingDirectory = try fields.string("working_directory")
        environment = try fields.pairs("environment").map { EnvironmentVariable(name: $0.0, value: $0.1) }
        mounts = try fields.objects("mounts") { (nested) throws(CodecError) in try Mount(fields: nested) }
        devices = try fields.objects("devices") { (nested) throws(CodecError) in try Device(fields: nested) }
        cdiDevices = try fields.strings("cdi_devices")
        labels = try fields.stringMap("labels")
        annotations = try fields.stringMap("annotations")
        logPath = try fields.string("log_path")
        stdin = try fields.bool("stdin")
        stdinOnce = try fields.bool("stdin_once")
        tty = try fields.bool("tty")
        resources = try fields.object("resources") { (nested) throws(CodecError) in try LinuxResources(fields: nested) }
        security =
            try fields.object("security") { (nested) throws(CodecError) in try ContainerSecurity(fields: nested) }
            ?? ContainerSecurity()
        stopSignal = try fields.optionalInteger("stop_signal", as: Int32.self).flatMap(Signal.init(number:))
    }
}

extension ImageSpec {
    var json: JSON {
        var document = JSONMembers()
        document.set("image", image)
        document.set("annotations", annotations)
        document.set("user_specified_image", userSpecifiedImage)
        document.set("runtime_handler", runtimeHandler)
        document.set("image_ref", imageRef)
        return document.json
    }

    init(fields: JSONFields) throws(CodecError) {
        self.init(image: try fields.string("image"))
        annotations = try fields.stringMap("annotations")
        userSpecifiedImage = try fields.string("user_specified_image")
        runtimeHandler = try fields.string("runtime_handler")
        imageRef = try fields.string("image_ref")
    }
}

extension Mount {
    var json: JSON {
        var document = JSONMembers()
        document.set("container_path", containerPath)
        document.set("host_path", hostPath)
        document.set("readonly", readonly)
        document.set("recursive_read_only", recursiveReadOnly)
        document.set("propagation", propagation.rawValue)
        document.set("selinux_relabel", seLinuxRelabel)
        document.set("uid_mappings", uidMappings.map(\.json))
        document.set("gid_mappings", gidMappings.map(\.json))
        document.set("image", image?.json)
        document.set("image_sub_path", imageSubPath)
        document.set("options", options)
        return document.json
    }

    init(fields: JSONFields) throws(CodecError) {
        self.init(containerPath: try fields.string("container_path"), hostPath: try fields.string("host_path"))
        readonly = try fields.bool("readonly")
        recursiveReadOnly = try fields.bool("recursive_read_only")
        propagation = try fields.choice("propagation", default: .private)
        seLinuxRelabel = try fields.bool("selinux_relabel")
        uidMappings = try fields.objects("uid_mappings") { (entry) throws(CodecError) in try IDMapping(fields: entry) }
        gidMappings = try fields.objects("gid_mappings") { (entry) throws(CodecError) in try IDMapping(fields: entry) }
        image = try fields.object("image") { (nested) throws(CodecError) in try ImageSpec(fields: nested) }
        imageSubPath = try fields.string("image_sub_path")
        options = try fields.strings("options")
    }
}

extension Device {
    /// The same keys as in the engine's configuration.
    var json: JSON {
        [
            "containerPath": .string(containerPath), "hostPath": .string(hostPath), "permissions": .string(permissions),
        ]
    }

    init(fields: JSONFields) throws(CodecError) {
        self.init(
            containerPath: try fields.string("containerPath"), hostPath: try fields.string("hostPath"),
            permissions: try fields.string("permissions"))
    }
}

extension JSONFields {
    /// A list of lists of two strings.
    func pairs(_ key: String) throws(CodecError) -> [(String, String)] {
        try list(key, of: "pairs of strings") { json in
            guard let first = json[0]?.stringValue, let second = json[1]?.stringValue else { return nil }
            return (first, second)
        }
    }
}
