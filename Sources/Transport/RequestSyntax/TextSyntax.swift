import ByteText
import Domain

/// What a string of a request must look like. Every check names the field when it fails.
extension FieldPath {
    /// The longest name of an object that is taken, in bytes: that of a DNS subdomain.
    package static let longestName = 253
    /// The longest path that Linux takes, without its final NUL.
    package static let longestPath = 4095
    private static let separators: [UInt8] = [UInt8(ascii: "/"), UInt8(ascii: ";"), UInt8(ascii: "=")]
    /// What the kernel holds (`__NEW_UTS_LEN`).
    private static let longestHostname = 64

    /// A name of an object: not empty, at most 253 bytes, of printable ASCII without slashes or blanks, and without what separates the
    /// arguments of a CNI plugin (`CNI_ARGS`): a pod of such a name would get a network that cannot be detached.
    package func name(_ value: String) throws(DomainError) -> String {
        let value = try filled(value)
        try atMost(Self.longestName, value)
        guard value.utf8.allSatisfy({ (0x21...0x7e).contains($0) && !Self.separators.contains($0) }) else {
            throw invalid("\(value.quotedForMessage) may hold printable ASCII only, without blanks and any of / ; =")
        }
        return value
    }

    /// Anything but nothing.
    package func filled(_ value: String) throws(DomainError) -> String {
        guard !value.isEmpty else { throw invalid("must not be empty") }
        return value
    }

    /// At most `limit` bytes.
    package func atMost(_ limit: Int, _ value: String) throws(DomainError) {
        let length = value.utf8.count
        guard length <= limit else { throw invalid("has \(length) bytes, at most \(limit) are allowed") }
    }

    /// Text for execve(2) and the like: no NUL.
    package func withoutNUL(_ value: String) throws(DomainError) -> String {
        guard !value.utf8.contains(0) else { throw invalid("holds a NUL byte") }
        return value
    }

    /// A map whose keys hold no NUL; its values are kept as they are.
    package func keysWithoutNUL(_ map: [String: String]) throws(DomainError) -> [String: String] {
        for name in map.keys { _ = try key(name).withoutNUL(name) }
        return map
    }

    /// Text that becomes part of a line: no control character.
    package func line(_ value: String) throws(DomainError) -> String {
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { throw invalid("holds a control character") }
        return value
    }

    /// One word of a line: neither empty nor with blanks.
    package func word(_ value: String) throws(DomainError) -> String {
        let value = try line(try filled(value))
        guard !value.utf8.contains(UInt8(ascii: " ")) else { throw invalid("\(value.quotedForMessage) holds a blank") }
        return value
    }

    /// A path from the root, without NUL and of a length that Linux takes.
    package func absolutePath(_ value: String) throws(DomainError) -> String {
        let value = try path(value)
        guard value.utf8.first == UInt8(ascii: "/") else {
            throw invalid("\(value.quotedForMessage) is not an absolute path")
        }
        return value
    }

    /// A path that stays below where it starts: not absolute, no `..`.
    package func relativePath(_ value: String) throws(DomainError) -> String {
        let value = try path(value)
        guard value.utf8.first != UInt8(ascii: "/") else {
            throw invalid("\(value.quotedForMessage) must be a relative path")
        }
        guard !value.hasParentStep else {
            throw invalid("\(value.quotedForMessage) must not hold ..")
        }
        return value
    }

    /// ``absolutePath(_:)``, or nothing.
    package func absolutePathOrEmpty(_ value: String) throws(DomainError) -> String {
        value.isEmpty ? value : try absolutePath(value)
    }

    /// The name of a host, or nothing.
    package func hostname(_ value: String) throws(DomainError) -> String {
        try atMost(Self.longestHostname, value)
        let letters = value.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard letters else { throw invalid("\(value.quotedForMessage) is not a host name") }
        return value
    }

    private func path(_ value: String) throws(DomainError) -> String {
        let value = try withoutNUL(try filled(value))
        try atMost(Self.longestPath, value)
        return value
    }

    /// An enum that this version of the interface does not know.
    package func unknownValue(_ rawValue: Int) -> DomainError { invalid("unknown value \(rawValue)") }

    /// Windows settings, which no Linux runtime can honour.
    package func refuseWindows(_ isPresent: Bool) throws(DomainError) {
        if isPresent { throw field("windows").invalid("this runtime runs Linux containers only") }
    }
}
