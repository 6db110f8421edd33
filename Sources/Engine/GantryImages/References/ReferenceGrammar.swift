import ByteText

/// The character rules of image references (distribution specification, "Pulling manifests"; Docker's host names).
enum ReferenceGrammar {
    /// `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}`
    static func isTag(_ tag: String) -> Bool {
        guard let first = tag.utf8.first, tag.utf8.count <= 128, isAlphanumeric(first) || first == UInt8(ascii: "_")
        else { return false }
        return tag.utf8.allSatisfy { isAlphanumeric($0) || "_.-".utf8.contains($0) }
    }

    /// Components of lower-case letters and digits, inside joined by `.`, `_`, `__` or any number of `-`.
    static func isPath(_ path: String) -> Bool {
        path.pieces(at: "/").allSatisfy { isComponent(Array($0.utf8)) }
    }

    private static func isComponent(_ bytes: [UInt8]) -> Bool {
        var index = 0
        while true {
            let start = index
            while index < bytes.count, isLowerOrDigit(bytes[index]) { index += 1 }
            guard index > start else { return false }
            if index == bytes.count { return true }
            let separator = index
            while index < bytes.count, !isLowerOrDigit(bytes[index]) { index += 1 }
            switch String(decoding: bytes[separator..<index], as: UTF8.self) {
            case ".", "_", "__": break
            case let run where run.utf8.allSatisfy { $0 == UInt8(ascii: "-") }: break
            default: return false
            }
        }
    }

    /// `host[:port]`, where the host is a DNS name, an IPv4 address or an IPv6 address in brackets.
    static func isRegistry(_ registry: String) -> Bool {
        var host = registry[...]
        if let (name, port) = host.cutLast(at: ":"), !port.has("]") {
            guard (1...5).contains(port.byteCount), let number = UInt16(digits: port), number > 0 else { return false }
            host = name
        }
        if let rest = host.without(prefix: "[") {
            guard let address = rest.without(suffix: "]"), !address.isEmpty else { return false }
            return address.utf8.allSatisfy { isHexadecimal($0) || ":.".utf8.contains($0) }
        }
        return host.pieces(at: ".").allSatisfy { label in
            guard let first = label.utf8.first, let last = label.utf8.last else { return false }
            return isAlphanumeric(first) && isAlphanumeric(last)
                && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isLowerOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLowerOrDigit(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        Digest.isHexDigit(byte) || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
    }
}
