import ByteText

/// The absolute path of a Unix socket, short enough for the kernel.
package struct UnixSocketPath: Hashable, Sendable, CustomStringConvertible {
    /// sizeof(sun_path), less the final NUL.
    private static let longest = 107

    package let path: String

    /// - Parameter address: `unix:///path` or `/path`.
    package init(_ address: String) throws(ListenError) {
        let path = address.without(prefix: "unix://").map(String.init) ?? address
        guard path.begins(with: "/"), !path.ends(with: "/") else {
            throw .badAddress(address, reason: "it must be unix:///an/absolute/path")
        }
        guard !path.utf8.contains(0) else { throw .badAddress(address, reason: "it contains a NUL byte") }
        guard path.utf8.count <= Self.longest else {
            throw .badAddress(
                address, reason: "a socket's path has at most \(Self.longest) bytes, this has \(path.utf8.count)")
        }
        self.path = path
    }

    /// The directories above the socket, outermost first.
    var parents: [String] {
        let parts = path.pathComponents.dropLast()
        return parts.indices.map { "/" + parts[...$0].joined(separator: "/") }
    }

    package var description: String { "unix://\(path)" }
}
