import ByteText

/// A user as an image's configuration or a request names it, `user` or `user:group`, and what the engine makes of it: ASCII digits are an id,
/// anything else (signs, blanks, digits of other scripts) is the name of a line in the image's /etc/passwd.
package enum UserText: Equatable, Sendable {
    /// Nothing: root.
    case none
    case id(Int64)
    case name(String)
    /// Digits that no id has: no container is made for them.
    case beyondIDs(String)

    /// The highest id; the one above it means "none" to Linux.
    package static let highestID: Int64 = 0xffff_fffe

    /// - Parameter text: a part of `user:group`.
    package init(part text: some StringProtocol) {
        if text.isEmpty {
            self = .none
        } else if !text.isDigits {
            self = .name(String(text))
        } else if let id = Int64(digits: text), id <= Self.highestID {
            self = .id(id)
        } else {
            self = .beyondIDs(String(text))
        }
    }

    /// The parts of `user:group`; the second is nil without a colon. All that is behind the first colon is the group.
    package static func parts(_ text: String) -> (user: UserText, group: UserText?) {
        guard let (user, group) = text.cut(at: ":") else { return (UserText(part: text), nil) }
        return (UserText(part: user), UserText(part: group))
    }
}
