/// Paths as the kernel reads them: bytes, taken apart at `/` alone.
///
/// A file name need not be UTF-8. Where a name comes from a directory or a layer, keep its bytes (`[UInt8]`): a string made of them with
/// `String(decoding:as:)` has U+FFFD for what is invalid, and two names may become one.
extension StringProtocol {
    /// The names in it, without the empty ones between two slashes.
    package var pathComponents: [Substring] { words(at: "/") }

    /// Whether one of its components is `..`, by which it leaves where it starts.
    package var hasParentStep: Bool { pathComponents.has("..") }

    package var isAbsolutePath: Bool { utf8.first == UInt8(ascii: "/") }

    /// What is behind the last slash; all of it without one.
    package var lastPathComponent: Substring { cutLast(at: "/")?.after ?? Substring(self) }

    /// What is before the last slash: `/` for a name in the root, nil for a path without a slash.
    package var parentPath: Substring? { cutLast(at: "/").map { $0.before.isEmpty ? "/" : $0.before } }
}
