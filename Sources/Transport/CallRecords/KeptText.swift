import ByteText

/// What is kept of a text that comes from outside.
enum KeptText {
    private static let separators = Array("/ \"'<>(),;\t\n\r".utf8)

    /// Of an error, on one line.
    static func error(_ text: String) -> String {
        onOneLine(withoutPasswords(text)).cut(to: RecordedCall.Bounds.error)
    }

    /// Of an object's id or reference, or of a name.
    static func name(_ text: String) -> String {
        onOneLine(withoutPasswords(text)).cut(to: RecordedCall.Bounds.name)
    }

    /// Most texts are on one already, and each call has several of them.
    private static func onOneLine(_ text: String) -> String {
        text.utf8.contains(where: \.isASCIIControl) ? text.onOneLine : text
    }

    /// `https://me:secret@proxy` → `https://…@proxy`, `me:secret@registry/image` → `…@registry/image`: whoever wrote a password into an address
    /// or a reference finds it in no record. A digest after the sign is none: `image:tag@sha256:…` stays.
    private static func withoutPasswords(_ text: String) -> String {
        guard text.has("@") else { return text }
        var kept = ""
        var rest = Substring(text)
        while !rest.isEmpty {
            let (between, behind) = rest.leading(separators.contains)
            let (word, next) = behind.leading { !separators.contains($0) }
            kept += between
            if let (user, place) = word.cutLast(at: "@"), user.has(":") || between.ends(with: "//"), !isDigest(place) {
                kept += "…@" + place
            } else {
                kept += word
            }
            rest = next
        }
        return kept
    }

    private static func isDigest(_ text: Substring) -> Bool {
        guard let (algorithm, digits) = text.cut(at: ":") else { return false }
        return !algorithm.isEmpty && algorithm.utf8.allSatisfy(\.isASCIIAlphanumeric) && digits.byteCount >= 32
            && digits.isLowerHex
    }
}
