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
        let text = Self.withDashes((Self.hex(high) + Self.hex(low))[...])
        return PodUUID(unchecked: String(decoding: text, as: UTF8.self))
    }

    package var description: String { string }

    /// The 32 hex digits without dashes: the default CNI container id.
    package var withoutDashes: String { string.words(at: "-").joined() }

    package static func < (left: PodUUID, right: PodUUID) -> Bool { left.string < right.string }

    /// The beginning of a UUID that `text` means: it may be written with its dashes, or as hex digits without any, as units and lists of pods
    /// show them. Of a pod's whole id, which is longer, the first half is the UUID.
    ///
    /// - Returns: nil for what begins no UUID; an empty text, which would begin any, is such.
    package static func beginning(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        if !bytes.isEmpty, bytes.count <= 36, bytes.enumerated().allSatisfy(isDigit) { return text }
        guard (9...64).contains(bytes.count), bytes.allSatisfy(isHexDigit) else { return nil }
        return String(decoding: withDashes(bytes.prefix(32)), as: UTF8.self)
    }

    private init(unchecked text: String) { string = text }

    private static func isCanonical(_ bytes: String.UTF8View) -> Bool {
        bytes.count == 36 && bytes.enumerated().allSatisfy(isDigit)
    }

    private static func isDigit(_ index: Int, _ byte: UInt8) -> Bool {
        switch index {
        case 8, 13, 18, 23: byte == UInt8(ascii: "-")
        default: isHexDigit(byte)
        }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }

    private static func withDashes(_ digits: ArraySlice<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append(UInt8(ascii: "-")) }
            text.append(digit)
        }
        return text
    }

    private static func hex(_ value: UInt64) -> [UInt8] {
        (0..<16).map { place in
            let digit = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * place)) & 0xf
            return digit < 10 ? 0x30 + digit : 0x57 + digit
        }
    }
}
