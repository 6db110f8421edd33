import ByteText

/// One place where the JSON gateway listens.
package enum GatewayAddress: Hashable, Sendable, CustomStringConvertible {
    /// A socket's path.
    case unix(String)
    /// An address of this machine only: without TLS, nothing else may be.
    case loopback(host: String, port: UInt16)

    package var description: String {
        switch self {
        case .unix(let path): "unix://\(path)"
        case .loopback(let host, let port): host.has(":") ? "tcp://[\(host)]:\(port)" : "tcp://\(host):\(port)"
        }
    }

    /// Whether it is open to every process of this machine.
    package var isTCP: Bool { if case .loopback = self { true } else { false } }

    /// `unix:///path`, `tcp://127.0.0.1:8080`, `tcp://[::1]:8080`.
    ///
    /// Not a name such as `localhost`: which of the two addresses that is depends on whom one asks. Nor port 0: nobody would know where it
    /// listens, `rktlet ps` least of all.
    ///
    /// - Throws: what is wrong with it, for a person.
    package init(_ text: String) throws(SettingsError) {
        if let path = text.without(prefix: "unix://").map(String.init) {
            guard path.begins(with: "/"), !path.ends(with: "/"), !path.utf8.contains(0), path.utf8.count <= 107 else {
                throw SettingsError("\"\(text)\" must be unix:///an/absolute/path of at most 107 bytes")
            }
            self = .unix(path)
        } else if let place = text.without(prefix: "tcp://") {
            self = try Self.loopback(place, text)
        } else {
            throw SettingsError(
                "\"\(text)\" must be unix:///path or tcp://127.0.0.1:PORT, both with a comma between them, or none")
        }
    }

    private static func loopback(_ place: Substring, _ text: String) throws(SettingsError) -> GatewayAddress {
        guard let (host, port) = place.cutLast(at: ":"), let port = UInt16(digits: port) else {
            throw SettingsError("\"\(text)\" must be tcp://127.0.0.1:PORT")
        }
        guard port > 0 else {
            throw SettingsError(
                "\"\(text)\" has no port of its own, so that nobody would know where to ask: write one from 1 to 65535")
        }
        switch host {
        case "127.0.0.1": return .loopback(host: "127.0.0.1", port: port)
        case "[::1]": return .loopback(host: "::1", port: port)
        case "localhost":
            throw SettingsError("\"\(text)\" names no address: write tcp://127.0.0.1:\(port) or tcp://[::1]:\(port)")
        default:
            throw SettingsError(
                "\"\(text)\" is not on loopback: there is no TLS, so use 127.0.0.1 or [::1] and a tunnel such as ssh -L"
            )
        }
    }
}
