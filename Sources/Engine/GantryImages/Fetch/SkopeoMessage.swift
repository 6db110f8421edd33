/// Makes skopeo's complaint fit to read: of its log lines the last one's message.
enum SkopeoMessage {
    static let maximumLength = 2000

    static func text(in standardError: String) -> String {
        guard let line = standardError.split(whereSeparator: \.isNewline).last else {
            return "skopeo failed and said nothing"
        }
        return String((quotedMessage(in: line) ?? String(line)).prefix(maximumLength))
    }

    /// The value of `msg="…"` in a line of key=value pairs.
    private static func quotedMessage(in line: Substring) -> String? {
        var rest = line
        while let start = rest.firstIndex(of: "m") {
            rest = rest[start...]
            if rest.hasPrefix("msg=\"") { return unquoted(rest.dropFirst(5)) }
            rest = rest.dropFirst()
        }
        return nil
    }

    private static func unquoted(_ text: Substring) -> String {
        var result = ""
        var escaped = false
        for character in text {
            if escaped {
                result.append(character == "n" || character == "t" ? " " : character)
                escaped = false
            } else if character == "\\" {
                escaped = true
            } else if character == "\"" {
                break
            } else {
                result.append(character)
            }
        }
        return result
    }
}
