import ByteText
import HTTPTypes
import Hummingbird

/// Who may ask for what. In neither case may a page of another site: a browser gets at a Unix socket, too, by a tunnel from TCP.
package enum AccessPolicy: Sendable {
    /// A Unix socket: its file's mode says who.
    case socket
    /// TCP on loopback, where any process of this machine can knock: what changes or runs something needs the token.
    case loopback(token: String)

    func check(_ request: Request) throws(Problem) {
        try checkHost(request)
        try checkSite(request)
        guard case .loopback(let token) = self, request.method != .get, request.method != .head else { return }
        try checkToken(token, request)
    }

    /// A name that a stranger's DNS turned into 127.0.0.1 is still the stranger's name (DNS rebinding).
    private func checkHost(_ request: Request) throws(Problem) {
        let host = request.head.authority ?? ""
        guard !isOurs(host) else { return }
        throw Problem(
            .misdirectedRequest, code: "badHost",
            "Host \"\(host)\" is not this machine's; use localhost, 127.0.0.1 or [::1]")
    }

    /// On a Unix socket a client makes up what it calls the host; what a stranger's DNS can answer for has a dot in it.
    private func isOurs(_ host: String) -> Bool {
        if case .socket = self, !host.utf8.contains(where: { ".[]".utf8.contains($0) }) { return true }
        return Self.isLoopback(host)
    }

    /// What another site's page makes a browser send says so: with its origin, or, where there is none, in the browser's own words
    /// (Fetch Metadata). Following a link to the page is no harm.
    private func checkSite(_ request: Request) throws(Problem) {
        let origin = request.headers[.origin].map { $0.isSame(as: "http://" + (request.head.authority ?? "")) } ?? true
        let site = request.headers[.secFetchSite].map { ["same-origin", "none"].contains($0) } ?? true
        guard origin, site || request.uri.path == "/" else {
            throw Problem(.forbidden, code: "badOrigin", "a page of another site may not use this gateway")
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        let names = ["localhost", "127.0.0.1", "[::1]"]
        if names.has(host.lowercasedASCII) { return true }
        guard let (name, port) = host.cutLast(at: ":"), UInt16(digits: port) != nil else { return false }
        return names.has(name.lowercasedASCII)
    }

    private func checkToken(_ token: String, _ request: Request) throws(Problem) {
        let scheme = "bearer "
        if let given = request.headers[.authorization], given.lowercasedASCII.begins(with: scheme),
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

extension HTTPField.Name {
    fileprivate static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")!
}
