import ByteText
import GantryCore

/// Understands skopeo's complaints, as far as that is possible.
///
/// Its exit status is 1 whatever happened, and it has no output for programs: its text is the only thing that tells a wrong password from a
/// registry that is down. It is matched here and nowhere else, against words that are older than skopeo: the error codes of the
/// distribution specification ("Error Codes"; the registry client of all container tools writes them in lower case with blanks), HTTP
/// status lines, and the sentences of containers' library about digests and its signature policy. What is not recognised is `unavailable`
/// of a registry, and `invalid` of a local image.
enum SkopeoMessage {
    static let maximumLength = 2000

    static func text(in standardError: String) -> String {
        guard let line = standardError.words(at: "\n").last else {
            return "skopeo failed and said nothing"
        }
        return shortened(quotedMessage(in: line) ?? String(line))
    }

    /// Without controls and marks of direction, which a registry may have put into it for somebody's terminal.
    static func shortened(_ text: String) -> String { LogText.visible(String(text.shortened(to: maximumLength))) }

    /// The first row that fits decides.
    private static let table: [(code: EngineError.Code, phrases: [String])] = [
        (.exhausted, ["no space left on device", "disk quota exceeded", "cannot allocate memory"]),
        // Of the machine, not of the registry.
        (
            .internal,
            ["permission denied", "read-only file system", "input/output error", "error loading trust policy"]
        ),
        (
            .signatureInvalid,
            ["source image rejected", "rejected by policy", "signature was required", "invalid gpg signature"]
        ),
        (
            .invalid,
            [
                "digest did not match", "digest mismatch", "does not match expected", "does not match digest",
                "did not match the manifest digest",
                "does not match provided manifest digest", "digest invalid", "manifest invalid", "name invalid",
                "size invalid", "manifest blob unknown", "file too large", "invalid character", "unsupported schema",
                "unsupported manifest media type", "unimplemented manifest mime type", "unexpected end of json",
                "exceeded maximum allowed size",
            ]
        ),
        // What the registry has is fine, and skopeo does not know it.
        (
            .unsupported,
            [
                "unsupported docker v2s2 media type", "unsupported ociv1 media type", "unsupported media type",
                "unsupported manifest mime type", "unsupported mime type", "unknown media type",
                "unsupported mediatype", "unexpectedly received a manifest list", "no image found in",
            ]
        ),
        (
            .notFound,
            [
                "manifest unknown", "name unknown", "blob unknown", "repository name not known to registry",
                "404 (not found)", "404 not found", "statuscode: 404", "\" not found", "was deleted or has expired",
            ]
        ),
        (
            .unauthorized,
            [
                "unauthorized", "authentication required", "invalid username/password", "denied:", "access denied",
                "is denied", "403 (forbidden)", "403 forbidden", "statuscode: 403", "statuscode: 401",
            ]
        ),
    ]

    /// - Parameter isRemote: whether a registry was asked.
    static func code(of text: String, isRemote: Bool) -> EngineError.Code {
        let text = text.lowercasedASCII
        for row in table where row.phrases.contains(where: { text.cut(atText: $0) != nil }) { return row.code }
        return isRemote ? .unavailable : .invalid
    }

    /// The value of `msg="…"` in a line of key=value pairs.
    private static func quotedMessage(in line: Substring) -> String? {
        line.cut(atText: "msg=\"").map { unquoted($0.after) }
    }

    private static func unquoted(_ text: Substring) -> String {
        var result = String.UnicodeScalarView()
        var escaped = false
        for character in text.unicodeScalars {
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
        return String(result)
    }
}
