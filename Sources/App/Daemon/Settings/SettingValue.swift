/// A value as it was written, with the place it was written at, so that a refusal can name both.
package struct SettingValue: Equatable, Sendable {
    package enum Content: Equatable, Sendable {
        case text(String)
        case list([String])
    }

    package var content: Content
    /// `--listen`, `RKTLET_LISTEN`, `/etc/rktlet/rktlet.yaml:3`, `default`.
    package var origin: String

    package init(_ content: Content, origin: String) {
        self.content = content
        self.origin = origin
    }
}

/// Why the daemon does not start with this configuration.
package struct SettingsError: Error, Equatable, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
