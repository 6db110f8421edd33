import Domain

extension SELinuxOptions {
    package init(wire: Runtime_V1_SELinuxOption, at path: FieldPath) throws(DomainError) {
        self.init(
            user: try path.field("user").line(wire.user),
            role: try path.field("role").line(wire.role),
            type: try path.field("type").line(wire.type),
            level: try path.field("level").line(wire.level)
        )
    }
}
