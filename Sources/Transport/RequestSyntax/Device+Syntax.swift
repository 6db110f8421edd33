import ByteText
import Domain

extension Device {
    /// A device whose fields were checked.
    ///
    /// - Throws: `invalidArgument` for relative paths and permissions other than r, w and m.
    package init(
        checkingContainerPath containerPath: String, hostPath: String, permissions: String, at path: FieldPath
    ) throws(DomainError) {
        let field = path.field("permissions")
        let letters = try field.filled(permissions)
        guard letters.utf8.allSatisfy({ "rwm".utf8.contains($0) }), Set(letters.utf8).count == letters.byteCount else {
            throw field.invalid("\(letters.quotedForMessage) is not made of r, w and m")
        }
        self.init(
            containerPath: try path.field("container_path").absolutePath(containerPath),
            hostPath: try path.field("host_path").absolutePath(hostPath),
            permissions: letters
        )
    }

    /// The name of a CDI device: `vendor.com/class=name`.
    ///
    /// - Parameter path: of the name.
    package static func cdiName(_ value: String, at path: FieldPath) throws(DomainError) -> String {
        let name = try path.word(value)
        let halves = name.pieces(at: "=")
        let kind = halves[0].pieces(at: "/")
        guard halves.count == 2, kind.count == 2, !halves[1].isEmpty, kind.allSatisfy({ !$0.isEmpty }) else {
            throw path.invalid("\(name.quotedForMessage) is not of the form vendor.com/class=name")
        }
        return name
    }
}
