import ByteText
import Domain
import JSON
import RequestSyntax

extension ContainerConfig {
    /// A `ContainerConfig`, as `CreateContainer` takes it.
    ///
    /// - Throws: `invalidArgument`, naming the first field that is wrong.
    static func read(_ json: JSON, at path: FieldPath) throws(DomainError) -> ContainerConfig {
        var reader = try MessageReader(json, at: path)
        try path.refuseWindows(try reader.take("windows") != nil)
        guard let metadata = try reader.message("metadata", ContainerMetadata.read) else {
            throw path.field("metadata").invalid("is missing")
        }
        guard let image = try reader.message("image", ImageSpec.read) else {
            throw path.field("image").invalid("is missing")
        }
        var config = ContainerConfig(metadata: metadata, image: image)
        try config.takeProcess(&reader)
        config.mounts = try reader.list("mounts", Mount.read)
        config.devices = try reader.list("devices", Device.read)
        config.cdiDevices = try reader.list("CDI_devices", Device.readCDI)
        config.labels = try reader.stringMap("labels")
        config.annotations = try reader.stringMap("annotations")
        let logPath = try reader.string("log_path")
        config.logPath = logPath.isEmpty ? "" : try path.field("log_path").relativePath(logPath)
        config.stopSignal = try Signal.read(&reader, "stop_signal")
        try config.takeLinux(try reader.take("linux") ?? .object([:]), at: path.field("linux"))
        try reader.finish()
        return config
    }

    private mutating func takeProcess(_ reader: inout MessageReader) throws(DomainError) {
        let path = reader.path
        command = try CommandLine.parse(try reader.strings("command"), at: path.field("command"))
        args = try CommandLine.parse(try reader.strings("args"), at: path.field("args"))
        workingDirectory = try path.field("working_dir").absolutePathOrEmpty(try reader.string("working_dir"))
        environment = try reader.list("envs", EnvironmentVariable.read)
        stdin = try reader.bool("stdin")
        stdinOnce = try reader.bool("stdin_once")
        tty = try reader.bool("tty")
    }

    private mutating func takeLinux(_ json: JSON, at path: FieldPath) throws(DomainError) {
        var reader = try MessageReader(json, at: path)
        resources = try reader.message("resources", LinuxResources.read)
        // Without a security context the runtime's own defaults for masked and read-only paths hold.
        security = try reader.message("security_context", ContainerSecurity.read) ?? ContainerSecurity()
        try reader.finish()
    }
}

extension ContainerMetadata {
    static func read(_ json: JSON, at path: FieldPath) throws(DomainError) -> ContainerMetadata {
        var reader = try MessageReader(json, at: path)
        let metadata = ContainerMetadata(
            name: try path.field("name").name(try reader.string("name")), attempt: try reader.number("attempt"))
        try reader.finish()
        return metadata
    }
}

extension ImageSpec {
    /// Far above the longest reference that registries take.
    private static let longestReference = 4_096

    static func read(_ json: JSON, at path: FieldPath) throws(DomainError) -> ImageSpec {
        var reader = try MessageReader(json, at: path)
        let reference = try reader.string("image")
        try path.field("image").atMost(longestReference, reference)
        var spec = ImageSpec(image: try path.field("image").word(reference))
        spec.annotations = try reader.stringMap("annotations")
        spec.userSpecifiedImage = try path.field("user_specified_image").line(try reader.string("user_specified_image"))
        spec.runtimeHandler = try reader.string("runtime_handler")
        spec.imageRef = try reader.string("image_ref")
        try reader.finish()
        return spec
    }
}

extension EnvironmentVariable {
    /// The value is plain text, as the CRI's Go API and crictl write it, though it is `bytes` on the wire; `value_base64` is our own, for bytes
    /// that JSON cannot hold. No error shows the value: it may be a secret.
    static func read(_ json: JSON, at path: FieldPath) throws(DomainError) -> EnvironmentVariable {
        var reader = try MessageReader(json, at: path)
        let key = path.field("key")
        let name = try key.withoutNUL(try key.filled(try reader.string("key")))
        guard !name.has("=") else { throw key.invalid("\(name.quotedForMessage) holds =") }
        let encoded = try reader.optionalBytes("value_base64")
        let plain = try reader.optionalString("value")
        try reader.finish()
        guard let encoded else {
            return EnvironmentVariable(name: name, value: try path.field("value").withoutNUL(plain ?? ""))
        }
        let field = path.field("value_base64")
        guard plain == nil else { throw field.invalid("cannot be given together with value") }
        // The configuration that crun reads is JSON.
        guard let value = String(validating: encoded, as: UTF8.self) else {
            throw field.invalid("the value of \(name.quotedForMessage) is not valid UTF-8")
        }
        return EnvironmentVariable(name: name, value: try field.withoutNUL(value))
    }
}
