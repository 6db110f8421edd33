import Domain

extension Device {
    /// - Throws: `invalidArgument` for relative paths and permissions other than r, w and m.
    package init(wire: Runtime_V1_Device, at path: FieldPath) throws(DomainError) {
        let permissions = path.field("permissions")
        let letters = try permissions.filled(wire.permissions)
        guard letters.allSatisfy({ "rwm".contains($0) }), Set(letters).count == letters.count else {
            throw permissions.invalid("\(letters.quotedForMessage) is not made of r, w and m")
        }
        self.init(
            containerPath: try path.field("container_path").absolutePath(wire.containerPath),
            hostPath: try path.field("host_path").absolutePath(wire.hostPath),
            permissions: letters
        )
    }

    /// The name of a CDI device: `vendor.com/class=name`.
    package static func cdiName(_ wire: Runtime_V1_CDIDevice, at path: FieldPath) throws(DomainError) -> String {
        let name = try path.field("name").word(wire.name)
        let halves = name.split(separator: "=", omittingEmptySubsequences: false)
        let kind = halves[0].split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, kind.count == 2, !halves[1].isEmpty, kind.allSatisfy({ !$0.isEmpty }) else {
            throw path.field("name").invalid("\(name.quotedForMessage) is not of the form vendor.com/class=name")
        }
        return name
    }
}
