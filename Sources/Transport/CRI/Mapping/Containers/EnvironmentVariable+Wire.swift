import ByteText
import Domain

extension EnvironmentVariable {
    /// - Throws: `invalidArgument` for a name that is empty or holds `=`, for NUL bytes, and for values that are not UTF-8. The error does
    ///   not show the value: it may be a secret.
    package init(wire: Runtime_V1_KeyValue, at path: FieldPath) throws(DomainError) {
        let key = path.field("key")
        let name = try key.withoutNUL(try key.filled(wire.key))
        guard !name.has("=") else { throw key.invalid("\(name.quotedForMessage) holds =") }
        guard let value = String(validating: wire.value, as: UTF8.self) else {
            throw path.field("value").invalid("the value of \(name.quotedForMessage) is not valid UTF-8")
        }
        self.init(name: name, value: try path.field("value").withoutNUL(value))
    }
}
