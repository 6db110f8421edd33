import HTTPTypes
import Testing

@testable import Gateway

/// Who gets what on TCP, and whose requests are refused on every socket.
@Suite(.timeLimit(.minutes(10))) struct AccessTests {
    private static let token = "0123456789abcdef"
    private static let scraper = "fedcba9876543210"
    private static let tcp = AccessPolicy.loopback(token: token, metricsToken: scraper)

    private static func bearer(_ token: String) -> HTTPFields { [.authorization: "Bearer " + token] }

    /// Every route that the document has but the three that are open.
    private static let guarded: [(HTTPRequest.Method, String)] = [
        (.get, "/v1/version"), (.get, "/v1/status"), (.get, "/v1/config"), (.put, "/v1/config"), (.get, "/v1/pods"),
        (.post, "/v1/pods"), (.get, "/v1/pods/aa"), (.delete, "/v1/pods/aa"), (.post, "/v1/pods/aa/stop"),
        (.post, "/v1/pods/aa/containers"), (.get, "/v1/containers"), (.get, "/v1/containers/aa"),
        (.delete, "/v1/containers/aa"), (.post, "/v1/containers/aa/start"), (.post, "/v1/containers/aa/stop"),
        (.post, "/v1/containers/aa/exec"), (.post, "/v1/containers/aa/sessions/exec"),
        (.post, "/v1/containers/aa/sessions/attach"), (.post, "/v1/pods/aa/sessions/portforward"),
        (.get, "/v1/sessions"), (.get, "/v1/containers/aa/logs"), (.get, "/v1/containers/aa/stats"),
        (.get, "/v1/stats"), (.get, "/v1/stats/history"), (.get, "/v1/images"), (.post, "/v1/images"),
        (.get, "/v1/pods/aa/stats"), (.get, "/v1/images/aa"),
        (.delete, "/v1/images/aa"), (.get, "/v1/imagefs"), (.get, "/v1/events"), (.get, "/metrics"),
        (.get, "/metrics/pods"),
        (.get, "/openapi.yaml"), (.head, "/v1/pods"), (.get, "/nothing"), (.post, "/healthz"), (.options, "/"),
        (.get, "/healthz/x"), (.get, "/readyz%20"),
    ]

    @Test("on TCP nothing but three texts is given to who has no token", arguments: guarded)
    func strangers(method: HTTPRequest.Method, path: String) async throws {
        try await GatewayHarness.run(access: Self.tcp) { gateway in
            let wrong = [
                "Bearer 0123456789abcdeF", "Bearer ", "Bearer", "Basic 0123456789abcdef", Self.token,
                "Bearer 0123456789abcde", "Bearer 0123456789abcdef0", "Bearer 0123456789abcdef0123456789abcdef",
                "Bearer  0123456789abcdef", "Bearer 0123456789abcdef, Bearer x", "Bearer 0123456789abcdef\u{301}",
            ]
            for header in [nil] + wrong.map({ $0 }) {
                let answer = try await gateway.ask(method, path, headers: header.map { [.authorization: $0] } ?? [:])
                #expect(answer.status == 401, "\(header ?? "none")")
                #expect(answer.headers[.wwwAuthenticate] == "Bearer realm=\"rktlet\"")
                #expect(answer.headers[.connection] == "close")
            }
            #expect(try await gateway.ask(method, path + "?token=\(Self.token)", headers: [:]).status == 401)
        }
    }

    @Test(arguments: [
        "/v1/pods", "/v1/containers", "/v1/images", "/v1/stats", "/metrics", "/openapi.yaml", "/v1/version",
    ])
    func `the token opens everything`(path: String) async throws {
        try await GatewayHarness.run(access: Self.tcp) { gateway in
            for header in ["Bearer ", "bearer ", "BEARER "] {
                let answer = try await gateway.ask(.get, path, headers: [.authorization: header + Self.token])
                #expect(answer.status == 200)
                #expect(answer.headers[.connection] == nil)
            }
        }
    }

    @Test func `the scrapers' token opens the metrics and nothing else`() async throws {
        try await GatewayHarness.run(access: Self.tcp) { gateway in
            for (method, path) in Self.guarded where !["/metrics", "/metrics/pods"].contains(path) {
                let answer = try await gateway.ask(method, path, headers: Self.bearer(Self.scraper))
                #expect(answer.status == 401, "\(path)")
            }
            #expect(try await gateway.ask(.get, "/metrics", headers: Self.bearer(Self.scraper)).status == 200)
            #expect(try await gateway.ask(.get, "/metrics/pods", headers: Self.bearer(Self.scraper)).status == 200)
            #expect(try await gateway.ask(.head, "/metrics", headers: Self.bearer(Self.scraper)).status == 200)
            #expect(try await gateway.ask(.post, "/metrics", headers: Self.bearer(Self.scraper)).status == 401)
        }
        try await GatewayHarness.run(access: .loopback(token: Self.token)) { gateway in
            for token in ["", Self.scraper] {
                let answer = try await gateway.ask(.get, "/metrics", headers: Self.bearer(token))
                #expect(answer.status == 401)
            }
        }
    }

    @Test func `health and the page's text are open, and readiness tells strangers no words`() async throws {
        try await GatewayHarness.run(access: Self.tcp, isServing: false) { gateway in
            for path in ["/", "/healthz"] {
                let answer = try await gateway.ask(.get, path)
                #expect((answer.status, answer.headers[.connection]) == (200, "close"))
                #expect(try await gateway.ask(.head, path).status == 200)
            }
            let reasons = try await gateway.ask(.get, "/readyz").json["reasons"]
            #expect(reasons?[0]?["reason"] == "Starting" && reasons?[0]?["message"] == "")
            let told = try await gateway.ask(.get, "/readyz", headers: Self.bearer(Self.token)).json["reasons"]
            #expect(told?[0]?["message"]?.stringValue?.isEmpty == false)
        }
    }

    @Test(
        "a Host that is not this machine's, or not one, is refused on every socket",
        arguments: [AccessPolicy.socket, tcp],
        [
            nil, "", "evil.example", "evil.example:80", "127.0.0.1.evil.example", "user@localhost",
            "localhost@evil.example",
            "local host", "localhost:", "localhost:x", "localhost:+80", "localhost:65536", "localhost:000080", "[::1",
            "[::1]x", "[::2]",
            "10.0.0.1", "localhost.", "localho\u{17F}t.x", "localhost\u{301}:80", "localhost:80\u{301}",
            "localhost,evil", "127.0.0.1:80:80",
        ])
    func hosts(access: AccessPolicy, host: String?) async throws {
        try await GatewayHarness.run(access: access, token: Self.token) { gateway in
            let answer = try await gateway.ask(.get, "/v1/pods", headers: [:], host: host)
            #expect([400, 421].contains(answer.status) && answer.code == "badHost")
        }
    }

    @Test(
        "this machine's names", arguments: [AccessPolicy.socket, tcp],
        ["localhost", "LocalHost:8282", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:65535"])
    func ownHosts(access: AccessPolicy, host: String) async throws {
        try await GatewayHarness.run(access: access, token: Self.token) { gateway in
            for headers: HTTPFields in [[:], [.origin: "http://" + host]] {
                let answer = try await gateway.ask(.get, "/v1/pods", headers: headers, host: host)
                #expect(answer.status == 200)
            }
        }
    }

    @Test("a second Host is refused, whatever is in it", arguments: [AccessPolicy.socket, tcp])
    func secondHost(access: AccessPolicy) async throws {
        try await GatewayHarness.run(access: access, token: Self.token) { gateway in
            for second in ["localhost", "evil.example", ""] {
                let answer = try await gateway.ask(.get, "/v1/pods", headers: [HTTPField.Name("Host")!: second])
                #expect((answer.status, answer.code) == (400, "badHost"))
            }
        }
        #expect(!HostHeader.isOurs("node", anyName: false))
        #expect(HostHeader.isOurs("node_1-a", anyName: true))
    }

    @Test func `an environment is shown to who asks for it, and in no other answer`() async throws {
        try await GatewayHarness.run { gateway in
            let pod = try await gateway.pod()
            let config =
                #"{"metadata":{"name":"c"},"image":{"image":"busybox"},"envs":[{"key":"PASSWORD","value":"aHVudGVyMg=="}]}"#
            let made = try await gateway.ask(.post, "/v1/pods/\(pod)/containers", config)
            let id = try #require(made.json["containerId"]?.stringValue)
            for path in [
                "/v1/containers", "/v1/containers?verbose=true", "/v1/containers/\(id)",
                "/v1/containers/\(id)?verbose=true",
                "/v1/pods?verbose=true", "/v1/pods/\(pod)?verbose=true", "/v1/stats", "/v1/status?verbose=true",
                "/metrics",
            ] {
                let text = try await gateway.ask(.get, path).text
                #expect(!text.contains("hunter2") && !text.contains("aHVudGVyMg"), "\(path)")
            }
            let asked = try await gateway.ask(.get, "/v1/containers/\(id)?show=env").json["info"]?["envs"]
            #expect(asked == #"[{"key":"PASSWORD","value":"aHVudGVyMg=="}]"#)
            #expect(try await gateway.ask(.get, "/v1/containers/\(id)?show=all").status == 400)
        }
    }
}
