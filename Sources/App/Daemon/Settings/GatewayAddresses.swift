/// Everywhere the JSON gateway listens: on one Unix socket, on TCP as well where that is asked for, or nowhere.
package struct GatewayAddresses: Equatable, Sendable {
    /// Where `rktlet ps` and the like find the daemon, whatever else there is.
    package static let usualSocket = GatewayAddress.unix("/run/rktlet/gateway.sock")

    /// The Unix socket first; none when the gateway is off.
    package let all: [GatewayAddress]

    package var hasTCP: Bool { all.contains(where: \.isTCP) }

    /// Where somebody on this machine asks: the socket, which needs no token.
    package var nearest: GatewayAddress? { all.first }

    /// Addresses on TCP are beside the socket, never in its place: it is the usual one when none is named.
    ///
    /// - Parameter texts: each as ``GatewayAddress`` reads it, or `none` alone.
    /// - Throws: what is wrong with them, for a person.
    package init(_ texts: [String]) throws(SettingsError) {
        if texts == ["none"] {
            all = []
            return
        }
        guard !texts.isEmpty else { throw SettingsError("must name at least one address, or none") }
        var (sockets, ports): ([GatewayAddress], [GatewayAddress]) = ([], [])
        for text in texts {
            guard text != "none" else { throw SettingsError("\"none\" cannot be given together with an address") }
            let address = try GatewayAddress(text)
            if address.isTCP { ports.append(address) } else { sockets.append(address) }
        }
        guard sockets.count <= 1 else { throw SettingsError("there can be one Unix socket, not \(sockets.count)") }
        guard Set(ports).count == ports.count else { throw SettingsError("an address is given twice") }
        all = (sockets.isEmpty ? [Self.usualSocket] : sockets) + ports
    }
}
