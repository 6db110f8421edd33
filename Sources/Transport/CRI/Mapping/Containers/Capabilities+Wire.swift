import Domain

extension Capabilities {
    /// - Throws: `invalidArgument` for a name that is no capability of Linux.
    package init(wire: Runtime_V1_Capability, at path: FieldPath) throws(DomainError) {
        self.init()
        add = try path.field("add_capabilities").each(wire.addCapabilities, Self.name)
        drop = try path.field("drop_capabilities").each(wire.dropCapabilities, Self.name)
        addAmbient = try path.field("add_ambient_capabilities").each(wire.addAmbientCapabilities, Self.name)
    }
}
