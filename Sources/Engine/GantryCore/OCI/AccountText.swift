import ByteText

/// A user or a group as an image or a request writes it. ASCII digits are an id, whatever /etc/passwd says: a line named `1000` is no user
/// 1000. Anything else is a name, signs, blanks and digits of other scripts included.
enum AccountText: Equatable {
    case id(Int64)
    case name

    /// Above every id: setuid(2) and the like take it for "as it is".
    static let none: Int64 = 0xffff_ffff

    /// - Throws: `invalid` for digits that are no id, which are never made one that fits; `field` is what they came from.
    init(_ text: some StringProtocol, _ field: String) throws(EngineError) {
        guard text.isDigits else {
            self = .name
            return
        }
        guard let id = Int64(digits: text), id < Self.none else {
            throw EngineError(
                .invalid, "\(field): \(Self.shown(text)) is not an id: they go from 0 to \(Self.none - 1)")
        }
        self = .id(id)
    }

    /// As a message may hold it: an image's configuration may be long.
    static func shown(_ text: some StringProtocol) -> String {
        let bytes = text.utf8.prefix(80)
        return "\"\(String(decoding: bytes, as: UTF8.self))\(text.utf8.count > bytes.count ? "…" : "")\""
    }

    /// The id in a field of passwd(5) or group(5), or of a list of ids; nil for whatever is none.
    static func id(_ bytes: some Collection<UInt8>) -> Int64? {
        guard !bytes.isEmpty else { return nil }
        var value: Int64 = 0
        for byte in bytes {
            guard byte.isASCIIDigit else { return nil }
            // Never near the limits of the type: it is given up above the ids.
            value = value * 10 + Int64(byte - 0x30)
            guard value < none else { return nil }
        }
        return value
    }
}
