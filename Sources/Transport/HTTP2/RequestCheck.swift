/// Whether the fields of a header section make a request (RFC 9113 sections 8.2 and 8.3), as far as a gRPC server must know.
///
/// `:authority` is anything or missing: clients of a Unix socket send its path, or nothing, and there is one host only.
struct RequestCheck {
    /// The pseudo-header fields of requests, as bits.
    private enum Pseudo: UInt8 {
        case method = 1
        case scheme = 2
        case path = 4
        case authority = 8
    }

    private static let required = Pseudo.method.rawValue | Pseudo.scheme.rawValue | Pseudo.path.rawValue

    private var seen: UInt8 = 0
    private var hasRegular = false
    private var isBroken = false

    /// Valid once all fields were taken.
    var isWellFormed: Bool { !isBroken && seen & Self.required == Self.required }

    /// - Returns: whether the field may be kept.
    mutating func take(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = name.first else { return fail() }
        guard first != UInt8(ascii: ":") else { return takePseudo(name, value) }
        hasRegular = true
        guard name.allSatisfy(Self.isNameByte), !Self.isConnectionSpecific(name) else { return fail() }
        // As nghttp2 does: what cannot be a value is left out, and its request goes on.
        return value.allSatisfy(Self.isValueByte)
    }

    private mutating func takePseudo(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> Bool {
        guard !hasRegular, let field = Self.pseudo(name), seen & field.rawValue == 0 else { return fail() }
        seen |= field.rawValue
        guard value.allSatisfy(Self.isValueByte), field == .authority || !value.isEmpty else { return fail() }
        return true
    }

    private mutating func fail() -> Bool {
        isBroken = true
        return false
    }

    private static func pseudo(_ name: UnsafeBufferPointer<UInt8>) -> Pseudo? {
        if name.elementsEqual(":method".utf8) { return .method }
        if name.elementsEqual(":scheme".utf8) { return .scheme }
        if name.elementsEqual(":path".utf8) { return .path }
        if name.elementsEqual(":authority".utf8) { return .authority }
        return nil
    }

    /// Fields that HTTP/2 does not have (section 8.2.2).
    private static func isConnectionSpecific(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        switch name.count {
        case 7: name.elementsEqual("upgrade".utf8)
        case 10: name.elementsEqual("connection".utf8) || name.elementsEqual("keep-alive".utf8)
        case 16: name.elementsEqual("proxy-connection".utf8)
        case 17: name.elementsEqual("transfer-encoding".utf8)
        default: false
        }
    }

    /// "token" of RFC 9110 section 5.6.2, without capitals.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^")...UInt8(ascii: "`"), UInt8(ascii: "|"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// Anything but control characters; a tab is none.
    private static func isValueByte(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7f || byte == 0x09 }
}
