import Domain
import JSON
import RequestSyntax

extension Mount {
    /// - Throws: `invalidArgument` for relative paths, a source that is missing or given twice, and contradictory options.
    static func read(_ json: JSON, at path: FieldPath) throws(DomainError) -> Mount {
        var reader = try MessageReader(json, at: path)
        var mount = Mount(
            containerPath: try path.field("container_path").absolutePath(try reader.string("container_path")),
            hostPath: "")
        mount.propagation = try reader.choice("propagation", Propagation.names)
        mount.readonly = try reader.bool("readonly")
        mount.seLinuxRelabel = try reader.bool("selinux_relabel")
        try mount.takeSource(&reader)
        try mount.takeRecursiveReadOnly(&reader)
        mount.uidMappings = try mappings("uidMappings", &reader)
        mount.gidMappings = try mappings("gidMappings", &reader)
        mount.options = try checked(try reader.strings("mount_options"), at: path.field("mount_options"))
        try reader.finish()
        return mount
    }

    private mutating func takeSource(_ reader: inout MessageReader) throws(DomainError) {
        let path = reader.path
        let host = try reader.string("host_path")
        let subPath = try reader.string("image_sub_path")
        guard let spec = try reader.message("image", ImageSpec.read), !spec.image.isEmpty else {
            guard subPath.isEmpty else { throw path.field("image_sub_path").invalid("needs image") }
            hostPath = try path.field("host_path").absolutePath(host)
            return
        }
        guard host.isEmpty else { throw path.field("host_path").invalid("cannot be given together with image") }
        guard readonly else { throw path.field("readonly").invalid("must be true: an image is mounted read-only") }
        image = spec
        imageSubPath = subPath.isEmpty ? "" : try path.field("image_sub_path").relativePath(subPath)
    }

    private mutating func takeRecursiveReadOnly(_ reader: inout MessageReader) throws(DomainError) {
        guard try reader.bool("recursive_read_only") else { return }
        let path = reader.path.field("recursive_read_only")
        guard readonly else { throw path.invalid("needs readonly") }
        guard propagation == .private else { throw path.invalid("needs private propagation") }
        recursiveReadOnly = true
    }

    private static func mappings(_ name: String, _ reader: inout MessageReader) throws(DomainError) -> [IDMapping] {
        let mappings = try reader.list(name, IDMapping.read)
        return mappings.isEmpty ? [] : try IDMapping.checked(mappings, at: reader.path.field(name))
    }
}

extension Mount.Propagation {
    static var names: KeyValuePairs<String, Mount.Propagation> {
        [
            "PROPAGATION_PRIVATE": .private, "PROPAGATION_HOST_TO_CONTAINER": .hostToContainer,
            "PROPAGATION_BIDIRECTIONAL": .bidirectional,
        ]
    }
}

extension Device {
    static func read(_ json: JSON, at path: FieldPath) throws(DomainError) -> Device {
        var reader = try MessageReader(json, at: path)
        let device = try Device(
            checkingContainerPath: try reader.string("container_path"), hostPath: try reader.string("host_path"),
            permissions: try reader.string("permissions"), at: path)
        try reader.finish()
        return device
    }

    static func readCDI(_ json: JSON, at path: FieldPath) throws(DomainError) -> String {
        var reader = try MessageReader(json, at: path)
        let name = try cdiName(try reader.string("name"), at: path.field("name"))
        try reader.finish()
        return name
    }
}
