/// The name of an app inside its pod: lower-case letters, digits and `-` inside, as rkt's AC names; at most 64 bytes,
/// so that a container id fits. It is a directory's name too, which is why nothing else gets through.
package struct AppName: Hashable, Sendable, CustomStringConvertible, Comparable {
    package let string: String

    package init(_ text: String) throws(EngineError) {
        guard Self.isValid(text.utf8) else {
            throw EngineError(
                .invalid,
                "app name \"\(text)\": 1 to 64 lower-case letters, digits and dashes, not beginning or ending with a dash"
            )
        }
        string = text
    }

    package var description: String { string }

    package static func < (left: AppName, right: AppName) -> Bool { left.string < right.string }

    static func isValid(_ bytes: String.UTF8View) -> Bool {
        guard let first = bytes.first, let last = bytes.last, bytes.count <= 64 else { return false }
        let dash = UInt8(ascii: "-")
        return first != dash && last != dash
            && bytes.allSatisfy { $0 == dash || (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) }
    }
}
