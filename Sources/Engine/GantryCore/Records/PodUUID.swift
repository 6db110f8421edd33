import ByteText
import Glibc

/// The UUID that names a pod, in its canonical lower-case form (RFC 9562, section 4).
package struct PodUUID: Hashable, Sendable, CustomStringConvertible, Comparable {
    package let string: String

    /// Nil unless `text` is 8-4-4-4-12 lower-case hex digits.
    package init?(_ text: String) {
        guard Self.isCanonical(text.utf8) else { return nil }
        string = text
    }

    /// A random (version 4) UUID from the kernel's generator.
    package static func random() -> PodUUID {
        var generator = SystemRandomNumberGenerator()
        var high = generator.next()
        var low = generator.next()
        high = (high & 0xffff_ffff_ffff_0fff) | 0x4000
        low = (low & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000
        let hex = Self.hex(high) + Self.hex(low)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, digit) in hex.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append(UInt8(ascii: "-")) }
            text.append(digit)
        }
        return PodUUID(unchecked: String(decoding: text, as: UTF8.self))
    }

    package var description: String { string }

    /// The 32 hex digits without dashes: the default CNI container id.
    package var withoutDashes: String { string.words(at: "-").joined() }

    package static func < (left: PodUUID, right: PodUUID) -> Bool { left.string < right.string }

    /// Whether `text` can begin a UUID (an empty text cannot: it would name any pod).
    package static func isPrefix(_ text: String) -> Bool {
        let bytes = text.utf8
        guard !bytes.isEmpty, bytes.count <= 36 else { return false }
        return bytes.enumerated().allSatisfy(isDigit)
    }

    private init(unchecked text: String) { string = text }

    private static func isCanonical(_ bytes: String.UTF8View) -> Bool {
        bytes.count == 36 && bytes.enumerated().allSatisfy(isDigit)
    }

    private static func isDigit(_ index: Int, _ byte: UInt8) -> Bool {
        switch index {
        case 8, 13, 18, 23: byte == UInt8(ascii: "-")
        default: (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
        }
    }

    private static func hex(_ value: UInt64) -> [UInt8] {
        (0..<16).map { place in
            let digit = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * place)) & 0xf
            return digit < 10 ? 0x30 + digit : 0x57 + digit
        }
    }
}
