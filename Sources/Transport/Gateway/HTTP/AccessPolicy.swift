import HTTPTypes
import Hummingbird

/// Who may ask for what.
package enum AccessPolicy: Sendable {
    /// A Unix socket: its file's mode says who.
    case socket
    /// TCP on loopback, where any process of this machine, and any page in a browser, can knock: the Host and Origin must be ours, and what
    /// changes or runs something needs the token.
    case loopback(token: String)

    func check(_ request: Request) throws(Problem) {
        guard case .loopback(let token) = self else { return }
        try checkHost(request)
        if request.method != .get, request.method != .head { try checkToken(token, request) }
    }

    /// A name that a stranger's DNS turned into 127.0.0.1 is still the stranger's name (DNS rebinding).
    private func checkHost(_ request: Request) throws(Problem) {
        let host = request.head.authority ?? ""
        guard Self.isLoopback(host) else {
            throw Problem(
                .misdirectedRequest, code: "badHost",
                "Host \"\(host)\" is not this machine's; use localhost, 127.0.0.1 or [::1]")
        }
        guard let origin = request.headers[.origin] else { return }
        guard origin == "http://" + host else {
            throw Problem(.forbidden, code: "badOrigin", "a page of another site may not use this gateway")
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        let name: Substring
        if host.hasPrefix("[") {
            guard let bracket = host.firstIndex(of: "]") else { return false }
            name = host[...bracket]
        } else {
            name = host.prefix { $0 != ":" }
        }
        let port = host[name.endIndex...]
        let isPort = port.isEmpty || (port.first == ":" && UInt16(port.dropFirst()) != nil)
        return isPort && ["localhost", "127.0.0.1", "[::1]"].contains(name.lowercased())
    }

    private func checkToken(_ token: String, _ request: Request) throws(Problem) {
        let scheme = "Bearer "
        if let given = request.headers[.authorization], given.hasPrefix(scheme),
            Self.equal(given.utf8.dropFirst(scheme.utf8.count), token.utf8)
        {
            return
        }
        throw Problem(
            .unauthorized, code: "unauthorized",
            "what changes or runs something needs the token: Authorization: Bearer, with what the file of gatewayTokenFile holds",
            headers: [.wwwAuthenticate: "Bearer realm=\"rktlet\""])
    }

    /// Takes as long for a good guess as for a bad one.
    private static func equal(_ a: some Sequence<UInt8>, _ b: some Sequence<UInt8>) -> Bool {
        let (a, b) = (Array(a), Array(b))
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
