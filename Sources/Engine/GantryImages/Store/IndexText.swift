import GantryCore

/// The text of `images.json` as an earlier engine may have written it: with as many annotations, labels and so on as an image brought, so
/// that a few images made it larger than what anybody read.
enum IndexText {
    /// What is read at most. An earlier engine could add 12 MiB to 64 once, and then no more.
    static let readable = 256 << 20
    /// The largest object or string of a record that is looked at.
    private static let member = 64 << 10

    /// The same with `null` in place of every object and string of a record that is larger than what a record may have, and of annotations
    /// and labels that are more than those of all records may be. To take them for what they are would need twenty times their length of
    /// memory.
    static func slim(_ bytes: [UInt8], _ limits: ImageLimits = .standard) -> [UInt8] {
        guard bytes.count > min(member, limits.listedAnnotationBytes, limits.listedLabelBytes) else { return bytes }
        return bytes.withUnsafeBufferPointer { slim($0, limits) }
    }

    /// What is left of a sum over all records.
    private struct Allowance {
        let key: StaticString
        var bytes: Int

        /// Whether it covers a value of so many bytes more.
        mutating func covers(_ count: Int, of key: UnsafeBufferPointer<UInt8>) -> Bool {
            // `{}`
            guard count > 2,
                key.elementsEqual(UnsafeBufferPointer(start: self.key.utf8Start, count: self.key.utf8CodeUnitCount))
            else { return true }
            guard count <= bytes else { return false }
            bytes -= count
            return true
        }
    }

    private static func slim(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: ImageLimits) -> [UInt8] {
        var result: [UInt8] = []
        var copied = 0
        // The text, `images`, and an image.
        let record = 3
        var depth = 0
        var start: Int?
        var key = 0..<0
        var annotations = Allowance(key: "annotations", bytes: limits.listedAnnotationBytes)
        var labels = Allowance(key: "labels", bytes: limits.listedLabelBytes)
        var index = 0
        func end(at end: Int) {
            defer { start = nil }
            guard let start, bytes[start] == UInt8(ascii: "{") || bytes[start] == UInt8(ascii: "\"") else { return }
            let name = UnsafeBufferPointer(rebasing: bytes[key])
            guard
                end - start > member || !annotations.covers(end - start, of: name)
                    || !labels.covers(end - start, of: name)
            else { return }
            result += bytes[copied..<start]
            result += "null".utf8
            copied = end
        }
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                let quote = index
                index = closingQuote(of: bytes, after: index)
                if depth == record, start == nil { key = quote + 1..<min(index, bytes.count) }
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == record { end(at: index) }
                depth -= 1
            case UInt8(ascii: ":") where depth == record: start = index + 1
            case UInt8(ascii: ",") where depth == record: end(at: index)
            default: break
            }
            index += 1
        }
        if copied == 0 { return Array(bytes) }
        return result + bytes[copied...]
    }

    private static func closingQuote(of bytes: UnsafeBufferPointer<UInt8>, after quote: Int) -> Int {
        var index = quote + 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return index
    }
}
