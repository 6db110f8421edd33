/// Bytes as JSON carries them: base64 with padding (RFC 4648 section 4).
package enum JSONBytes {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()

    package static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let count = min(3, bytes.count - index)
            var group: UInt32 = 0
            for offset in 0..<3 { group = group << 8 | (offset < count ? UInt32(bytes[index + offset]) : 0) }
            for offset in 0..<4 {
                text.append(offset <= count ? digits[Int(group >> UInt32(18 - 6 * offset) & 63)] : UInt8(ascii: "="))
            }
            index += 3
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil unless the text is whole, padded base64.
    package static func decode(_ text: String) -> [UInt8]? {
        let source = Array(text.utf8)
        guard source.count.isMultiple(of: 4) else { return nil }
        let padding = source.suffix(2).filter { $0 == UInt8(ascii: "=") }.count
        if padding == 2, source[source.count - 2] != UInt8(ascii: "=") { return nil }
        if padding == 1, source.last != UInt8(ascii: "=") { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(source.count / 4 * 3)
        var group: UInt32 = 0
        for (index, digit) in source.enumerated() {
            var value = values[Int(digit)]
            if value == 0xFF {
                guard index >= source.count - padding else { return nil }
                value = 0
            }
            group = group << 6 | UInt32(value)
            if index % 4 == 3 {
                bytes.append(UInt8(truncatingIfNeeded: group >> 16))
                bytes.append(UInt8(truncatingIfNeeded: group >> 8))
                bytes.append(UInt8(truncatingIfNeeded: group))
                group = 0
            }
        }
        bytes.removeLast(padding)
        return bytes
    }
}
