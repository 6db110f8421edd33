import ByteText
import HTTPTypes

/// Who may ask for what. In neither case may a page of another site: a browser gets at a Unix socket, too, by a tunnel from TCP.
///
/// Everything is compared byte by byte.
package enum AccessPolicy: Sendable {
    /// A Unix socket: its file's mode says who.
    case socket
    /// TCP on loopback, where any process of this machine can knock: all but ``openPaths`` needs the token.
    ///
    /// - Parameter metricsToken: opens ``scraped`` and nothing else.
    case loopback(token: String, metricsToken: String? = nil)

    /// What a request is allowed to.
    enum Standing: Sendable {
        /// It has shown nothing: it is given what is open to all.
        case stranger
        case trusted
    }

    /// Whether the daemon lives, whether it can run pods, and the text of the page, which asks for the token.
    static let openPaths = ["/", "/healthz", "/readyz"]

    /// What monitoring reads.
    static let scraped = ["/metrics", "/metrics/pods"]

    /// Of a request that shows a ticket of its own instead of the token.
    ///
    /// - Throws: 400, 403 or 421.
    func checkCompany(_ request: HTTPRequest) throws(Problem) {
        try checkHost(request)
        try checkSite(request, isPage: Self.path(request).elementsEqual("/".utf8))
    }

    /// - Throws: 400, 401, 403 or 421.
    func check(_ request: HTTPRequest) throws(Problem) -> Standing {
        try checkCompany(request)
        let path = Self.path(request)
        guard case .loopback(let token, let metricsToken) = self else { return .trusted }
        var tokens = [token]
        let isReading = request.method == .get || request.method == .head
        if let metricsToken, isReading, Self.scraped.contains(where: { path.elementsEqual($0.utf8) }) {
            tokens.append(metricsToken)
        }
        if let given = request.headerFields[.authorization], BearerToken.shows(given, oneOf: tokens) { return .trusted }
        if isReading, Self.openPaths.contains(where: { path.elementsEqual($0.utf8) }) { return .stranger }
        throw Self.unauthorized
    }

    /// The target without its query.
    private static func path(_ request: HTTPRequest) -> Substring.UTF8View {
        (request.path ?? "")[...].utf8.prefix { $0 != UInt8(ascii: "?") }
    }

    /// A name that a stranger's DNS turned into 127.0.0.1 is still the stranger's name (DNS rebinding).
    private func checkHost(_ request: HTTPRequest) throws(Problem) {
        // The first is the authority, more of them are left among the fields.
        guard let host = request.authority, !host.isEmpty, request.headerFields[values: .host].isEmpty else {
            throw Problem(.badRequest, code: "badHost", "a request has one Host header, and there is something in it")
        }
        // On a Unix socket a client makes up what it calls the host; what a stranger's DNS can answer for has a dot in it.
        guard HostHeader.isOurs(host, anyName: isSocket) else {
            throw Problem(
                .misdirectedRequest, code: "badHost",
                "Host \"\(host.shortened(to: 256))\" is not this machine's; use localhost, 127.0.0.1 or [::1]")
        }
    }

    /// What another site's page makes a browser send says so: with its origin, or, where there is none, in the browser's own words
    /// (Fetch Metadata). Following a link to the page is no harm.
    private func checkSite(_ request: HTTPRequest, isPage: Bool) throws(Problem) {
        let own = "http://" + (request.authority ?? "")
        let origin = request.headerFields[.origin].map { $0.utf8.elementsEqual(own.utf8) } ?? true
        let site =
            request.headerFields[.secFetchSite].map { site in
                ["same-origin", "none"].contains { $0.utf8.elementsEqual(site.utf8) }
            } ?? true
        guard origin, site || isPage else {
            throw Problem(.forbidden, code: "badOrigin", "a page of another site may not use this gateway")
        }
    }

    var isSocket: Bool { if case .socket = self { true } else { false } }

    private static var unauthorized: Problem {
        Problem(
            .unauthorized, code: "unauthorized",
            "on TCP this needs the token: Authorization: Bearer, with what the file of gatewayTokenFile holds (for /metrics also that of metricsTokenFile)",
            headers: [.wwwAuthenticate: "Bearer realm=\"rktlet\""])
    }
}

extension HTTPField.Name {
    fileprivate static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")!
    fileprivate static let host = HTTPField.Name("Host")!
}
