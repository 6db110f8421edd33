import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct TerminalRouteTests {
    @Test(
        "nothing but scripts and styles below the directory is served",
        arguments: [
            "..%2F..%2F..%2F..%2F..%2Fetc%2Fpasswd", "%2E%2E%2Fpackage.json", "a%2F..%2Fb.js", ".js", "public%2F.js",
            "package.json",
            "xterm", "%2Fetc%2Fpasswd.js", "public%2F%2FTerminal.js", "a%2Fb%2Fc%2Fd%2Fe%2Ff%2Fg%2Fh.js",
            "xterm.js.map", "a%00.js",
        ])
    func names(name: String) async throws {
        try await GatewayHarness.run { gateway in
            let status = try await gateway.ask(.get, "/xterm/" + name).status
            #expect(status == 404 || status == 400, "\(status)")
        }
    }

    /// Whether or not there is such a file: names that lead out, or are hidden, are nobody's business.
    @Test(
        arguments: [
            "../a.js", "a/../b.js", "./a.js", ".js", "a/.b.js", "..js", "/a.js", "a//b.js", "", "a.json",
            "a/b/c/d/e/f/g/h.js", "a\0.js",
            "a b.js", "ä.js",
        ])
    func `names are those of plain scripts and styles`(name: String) {
        #expect(TerminalRoutes.type(of: name) == nil)
        #expect(TerminalRoutes.type(of: "public/xterm-1.2.js") == "text/javascript; charset=utf-8")
        #expect(TerminalRoutes.type(of: "xterm.css") == "text/css; charset=utf-8")
    }
}
