import Domain

extension Device {
    /// - Throws: `invalidArgument` for relative paths and permissions other than r, w and m.
    package init(wire: Runtime_V1_Device, at path: FieldPath) throws(DomainError) {
        try self.init(
            checkingContainerPath: wire.containerPath, hostPath: wire.hostPath, permissions: wire.permissions, at: path)
    }

    /// The name of a CDI device: `vendor.com/class=name`.
    package static func cdiName(_ wire: Runtime_V1_CDIDevice, at path: FieldPath) throws(DomainError) -> String {
        try cdiName(wire.name, at: path.field("name"))
    }
}
