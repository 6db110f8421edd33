import ByteText
import Domain

extension Mount {
    /// Options that a mount may ask for beyond its other fields: they take something away from who uses it (mount(8)). What would give something, or contradict
    /// another field (`rw`, `exec`, `rshared`), has no place here.
    package static let knownOptions = ["nosuid", "nodev", "noexec", "noatime", "nodiratime", "relatime"]

    /// - Parameter path: of the options.
    /// - Throws: `invalidArgument` for others than the known ones, one that is there twice, and two that contradict each other.
    package static func checked(_ options: [String], at path: FieldPath) throws(DomainError) -> [String] {
        for (index, option) in options.enumerated() {
            guard knownOptions.has(option) else {
                throw path.item(index).invalid(
                    "\(option.quotedForMessage) is none of \(knownOptions.joined(separator: ", "))")
            }
            guard !options[..<index].has(option) else {
                throw path.item(index).invalid("\(option) is there twice")
            }
        }
        guard !(options.has("noatime") && options.has("relatime")) else {
            throw path.invalid("noatime and relatime contradict each other")
        }
        return options
    }
}
