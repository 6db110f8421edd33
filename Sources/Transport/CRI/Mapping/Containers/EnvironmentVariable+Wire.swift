import ByteText
import Domain

extension EnvironmentVariable {
    /// - Throws: `invalidArgument` for a name that is empty or holds `=`, for NUL bytes, and for values that are not UTF-8. The error does
    ///   not show the value, nor what is behind a `=` of the name: it may be a secret.
    package init(wire: Runtime_V1_KeyValue, at path: FieldPath) throws(DomainError) {
        let key = path.field("key")
        let name = try key.withoutNUL(try key.filled(wire.key))
        if let (head, _) = name.cut(at: "=") {
            throw key.invalid(
                "the name that begins with \(String(head).quotedForMessage) holds =; the value goes into the field value"
            )
        }
        guard let value = String(validating: wire.value, as: UTF8.self) else {
            throw path.field("value").invalid("the value of \(name.quotedForMessage) is not valid UTF-8")
        }
        self.init(name: name, value: try path.field("value").withoutNUL(value))
    }
}
