import ByteText
import Glibc

/// Where the streaming server listens.
package struct StreamingAddress: Hashable, Sendable, CustomStringConvertible {
    /// What somebody has to write who wants sessions, with all that is typed in them, to pass over a network as they are.
    package static let consent = "everybody on the network may listen in"

    /// An IP address: what a name stands for depends on whom one asks.
    package let host: String
    /// 0 lets the kernel choose.
    package let port: UInt16
    package let isLoopback: Bool

    package var description: String { host.has(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// `127.0.0.1:0`, `[::1]:10010`.
    ///
    /// - Throws: what is wrong with it, for a person.
    package init(_ text: String, beyondLoopback: Bool) throws(SettingsError) {
        guard let (place, digits) = text.cutLast(at: ":"), let port = UInt16(digits: digits) else {
            throw SettingsError("\"\(text)\" must look like 127.0.0.1:0 or [::1]:10010")
        }
        let inner = place.without(prefix: "[")?.without(suffix: "]")
        host = String(inner ?? place)
        self.port = port
        if inner == nil {
            var address = in_addr()
            guard inet_pton(AF_INET, host, &address) == 1 else {
                throw SettingsError("\"\(text)\" has no IP address: it must look like 127.0.0.1:0 or [::1]:10010")
            }
            isLoopback = UInt32(bigEndian: address.s_addr) >> 24 == 127
        } else {
            var address = in6_addr()
            guard inet_pton(AF_INET6, host, &address) == 1 else {
                throw SettingsError("\"\(text)\" has no IP address: it must look like 127.0.0.1:0 or [::1]:10010")
            }
            isLoopback = withUnsafeBytes(of: address) { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
        }
        guard isLoopback || beyondLoopback else {
            throw SettingsError(
                """
                "\(text)" is not on loopback, and there is no TLS: use 127.0.0.1 or [::1] (the kubelet is on this machine), \
                set streamingCertFile and streamingKeyFile, or write streamingWithoutTLS: \(Self.consent)
                """)
        }
    }
}
