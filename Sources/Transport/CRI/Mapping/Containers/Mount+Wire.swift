import Domain
import RequestSyntax

extension Mount {
    /// - Throws: `invalidArgument` for relative paths, a source that is missing or given twice, and contradictory options.
    package init(wire: Runtime_V1_Mount, at path: FieldPath) throws(DomainError) {
        self.init(containerPath: try path.field("container_path").absolutePath(wire.containerPath), hostPath: "")
        propagation = try Propagation(wire: wire.propagation, at: path.field("propagation"))
        readonly = wire.readonly
        seLinuxRelabel = wire.selinuxRelabel
        try takeSource(wire, at: path)
        recursiveReadOnly = try Self.recursiveReadOnly(wire, at: path.field("recursive_read_only"))
        uidMappings =
            wire.uidMappings.isEmpty ? [] : try IDMapping.parse(wire.uidMappings, at: path.field("uidMappings"))
        gidMappings =
            wire.gidMappings.isEmpty ? [] : try IDMapping.parse(wire.gidMappings, at: path.field("gidMappings"))
        options = try Self.checked(wire.mountOptions, at: path.field("mount_options"))
    }

    private mutating func takeSource(_ wire: Runtime_V1_Mount, at path: FieldPath) throws(DomainError) {
        guard wire.hasImage, !wire.image.image.isEmpty else {
            guard wire.imageSubPath.isEmpty else { throw path.field("image_sub_path").invalid("needs image") }
            hostPath = try path.field("host_path").absolutePath(wire.hostPath)
            return
        }
        guard wire.hostPath.isEmpty else {
            throw path.field("host_path").invalid("cannot be given together with image")
        }
        guard wire.readonly else { throw path.field("readonly").invalid("must be true: an image is mounted read-only") }
        image = try ImageSpec(wire: wire.image, at: path.field("image"))
        imageSubPath = wire.imageSubPath.isEmpty ? "" : try path.field("image_sub_path").relativePath(wire.imageSubPath)
    }

    private static func recursiveReadOnly(_ wire: Runtime_V1_Mount, at path: FieldPath) throws(DomainError) -> Bool {
        guard wire.recursiveReadOnly else { return false }
        guard wire.readonly else { throw path.invalid("needs readonly") }
        guard wire.propagation == .propagationPrivate else { throw path.invalid("needs private propagation") }
        return true
    }

    package var wire: Runtime_V1_Mount {
        .with {
            $0.containerPath = containerPath
            $0.hostPath = hostPath
            $0.readonly = readonly
            $0.selinuxRelabel = seLinuxRelabel
            $0.propagation = propagation.wire
            $0.uidMappings = uidMappings.map(\.wire)
            $0.gidMappings = gidMappings.map(\.wire)
            $0.recursiveReadOnly = recursiveReadOnly
            if let image { $0.image = image.wire }
            $0.imageSubPath = imageSubPath
            $0.mountOptions = options
        }
    }
}

extension Mount.Propagation {
    package init(wire: Runtime_V1_MountPropagation, at path: FieldPath) throws(DomainError) {
        switch wire {
        case .propagationPrivate: self = .private
        case .propagationHostToContainer: self = .hostToContainer
        case .propagationBidirectional: self = .bidirectional
        case .UNRECOGNIZED(let value): throw path.unknownValue(value)
        }
    }

    package var wire: Runtime_V1_MountPropagation {
        switch self {
        case .private: .propagationPrivate
        case .hostToContainer: .propagationHostToContainer
        case .bidirectional: .propagationBidirectional
        }
    }
}
