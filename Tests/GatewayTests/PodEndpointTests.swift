import Domain
import DomainFakes
import JSON
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct PodEndpointTests {
    private let config =
        #"{"metadata":{"name":"web","uid":"u","namespace":"default"},"logDirectory":"/var/log/pods/web","linux":{}}"#

    @Test func `a pod's way from POST to DELETE`() async throws {
        try await GatewayHarness.run { gateway in
            let made = try await gateway.ask(.post, "/v1/pods", config)
            #expect(made.status == 201)
            let id = try #require(made.json["podSandboxId"]?.stringValue)
            #expect(made.headers[.location] == "/v1/pods/\(id)")
            let status = try await gateway.ask(.get, "/v1/pods/\(id)").json["status"]
            #expect(status?["state"] == "SANDBOX_READY")
            #expect(status?["metadata"]?["name"] == "web")
            #expect(try await gateway.ask(.post, "/v1/pods/\(id)/stop").text == "{}")
            #expect(try await gateway.ask(.get, "/v1/pods/\(id)").json["status"]?["state"] == "SANDBOX_NOTREADY")
            #expect(try await gateway.ask(.delete, "/v1/pods/\(id)").status == 200)
            #expect(try await gateway.ask(.get, "/v1/pods/\(id)").status == 404)
            // As with the CRI: what is not there is removed already.
            #expect(try await gateway.ask(.delete, "/v1/pods/\(id)").status == 200)
            #expect(gateway.node.leftovers.isEmpty)
        }
    }

    @Test(
        arguments: [
            (#"{"config":CONFIG,"runtimeHandler":"default"}"#, "application/json"),
            (#"{"config":CONFIG,"runtime_handler":"default"}"#, "application/json; charset=utf-8"),
            (
                "metadata: {name: web, uid: u, namespace: default, attempt: 0}\nlog_directory: /var/log/pods/web\nlabels: {a: 'yes'}\n",
                "application/yaml"
            ),
        ])
    func `a request, its config alone and YAML are all taken, in either spelling`(body: String, type: String)
        async throws
    {
        try await GatewayHarness.run { gateway in
            let body = body.replacing("CONFIG", with: config)
            let made = try await gateway.ask(.post, "/v1/pods", body, headers: [.contentType: type])
            #expect(made.status == 201, "\(made.text)")
            #expect(gateway.useCases.listPodSandboxes().first?.config.logDirectory == "/var/log/pods/web")
        }
    }

    @Test func `lists are filtered by state, label, namespace and name`() async throws {
        try await GatewayHarness.run { gateway in
            let web = try await gateway.pod("web")
            _ = try await gateway.pod("db")
            try await gateway.useCases.stopPodSandbox(web)
            func names(_ query: String) async throws -> [String] {
                let items = try await gateway.ask(.get, "/v1/pods" + query).json["items"]?.arrayValue ?? []
                return items.compactMap { $0["metadata"]?["name"]?.stringValue }.sorted()
            }
            #expect(try await names("") == ["db", "web"])
            #expect(try await names("?state=ready") == ["db"])
            #expect(try await names("?state=SANDBOX_NOTREADY") == ["web"])
            #expect(try await names("?labelSelector=app%3Dweb") == ["web"])
            #expect(try await names("?labelSelector=app=web&labelSelector=a=b") == [])
            #expect(try await names("?namespace=default&name=db") == ["db"])
            #expect(try await names("?namespace=other") == [])
            // An empty filter matches everything.
            for empty in [
                "labelSelector=", "labelSelector=%20", "namespace=", "name=", "namespace=&name=&labelSelector=",
            ] {
                #expect(try await names("?" + empty) == ["db", "web"], "\(empty)")
            }
        }
    }

    @Test(arguments: [
        "name=a%20b", "namespace=\(String(repeating: "a", count: 254))",
        "labelSelector=\(String(repeating: "a", count: 1025))",
    ])
    func `a filter that can match nothing is refused`(query: String) async throws {
        try await GatewayHarness.run { gateway in
            for list in ["/v1/pods?", "/v1/containers?"] {
                let answer = try await gateway.ask(.get, list + query)
                #expect(answer.status == 400, "\(list)")
            }
        }
    }

    @Test func `what is made leads to itself; an image that is not here is no missing pod`() async throws {
        try await GatewayHarness.run { gateway in
            let made = try await gateway.ask(.post, "/v1/pods", config)
            let place = try #require(made.headers[.location])
            #expect(try await gateway.ask(.get, place).status == 200)
            let container = #"{"metadata":{"name":"c"},"image":{"image":"IMAGE"}}"#
            let inside = try await gateway.ask(
                .post, place + "/containers", container.replacing("IMAGE", with: "busybox"))
            #expect(inside.status == 201)
            let itself = try #require(inside.headers[.location])
            #expect(try await gateway.ask(.get, itself).status == 200)
            let imageless = container.replacing("IMAGE", with: "nowhere.example/none")
            let lost = try await gateway.ask(
                .post, place + "/containers", imageless.replacing(#""c""#, with: #""d""#))
            #expect(lost.status == 409 && lost.code == "notFound", "\(lost.text)")
            let nowhere = try await gateway.ask(
                .post, "/v1/pods/\(String(repeating: "9", count: 64))/containers",
                container.replacing("IMAGE", with: "busybox"))
            #expect(nowhere.status == 404)
        }
    }

    @Test func `the beginning of an id is enough, and 409 names the candidates when it is not`() async throws {
        try await GatewayHarness.run { gateway in
            let first = try await gateway.pod("a")
            let answer = try await gateway.ask(.get, "/v1/pods/\(first.rawValue.prefix(3))")
            #expect(answer.status == 200)
            let second = try await gateway.pod("b")
            let ambiguous = try await gateway.ask(.get, "/v1/pods/a0")
            #expect(ambiguous.status == 409)
            #expect(ambiguous.code == "ambiguous")
            #expect(
                ambiguous.json["candidates"]
                    == [
                        ["id": .string(first.rawValue), "name": "default/a"],
                        ["id": .string(second.rawValue), "name": "default/b"],
                    ])
            #expect(try await gateway.ask(.delete, "/v1/pods/a0").status == 409)
            #expect(try await gateway.ask(.delete, "/v1/pods/f00").status == 404)
            #expect(gateway.useCases.listPodSandboxes().count == 2)
        }
    }

    @Test(
        arguments: [
            (
                #"{"metadata":{"name":"a","uid":"b","namespace":"c","colour":1}}"#,
                #"config.metadata: unknown field "colour""#
            ),
            (#"{"metadata":{"name":"","uid":"b","namespace":"c"}}"#, "config.metadata.name: must not be empty"),
            (
                #"{"metadata":{"name":5,"uid":"b","namespace":"c"}}"#,
                "config.metadata.name: must be a string, not a number"
            ),
            (#"{"hostname":"x"}"#, "config.metadata: is missing"),
            (#"[]"#, "config: must be an object, not a list"),
            (
                #"{"metadata":{"name":"a","uid":"b","namespace":"c"},"logDirectory":"x"}"#,
                #"config.logDirectory: "x" is not an absolute path"#
            ),
            (
                #"{"metadata":{"name":"a","uid":"b","namespace":"c"},"logDirectory":"/x","log_directory":"/x"}"#,
                "config.logDirectory: is given twice, as logDirectory and as log_directory"
            ),
            (
                #"{"metadata":{"name":"a","uid":"b","namespace":"c"},"portMappings":[{"containerPort":70000}]}"#,
                "config.portMappings[0].containerPort: 70000 is not between 1 and 65535"
            ),
            (
                #"{"metadata":{"name":"a","uid":"b","namespace":"c"},"windows":{}}"#,
                "config.windows: this runtime runs Linux containers only"
            ),
            (
                #"{"metadata":{"name":"a","uid":"b","namespace":"c"},"linux":{"securityContext":{"namespaceOptions":{"pid":"ELSEWHERE"}}}}"#,
                #"config.linux.securityContext.namespaceOptions.pid: "ELSEWHERE" is none of POD, CONTAINER, NODE, TARGET"#
            ),
            ("{\n  \"metadata\": }", "JSON line 2 column 15"),
            (#"{"a":1,"a":2}"#, "JSON line 1 column 1: an object has a key twice"),
            (String(repeating: "[", count: 40), "JSON line 1 column 33: nested deeper than 32 levels"),
        ])
    func `what is wrong is named, and nothing is made`(body: String, detail: String) async throws {
        try await GatewayHarness.run { gateway in
            let answer = try await gateway.ask(.post, "/v1/pods", body)
            #expect(answer.status == 400)
            #expect(answer.headers[.contentType] == "application/problem+json")
            #expect(answer.detail.hasPrefix(detail), "\(answer.detail)")
            #expect(gateway.node.leftovers.isEmpty)
        }
    }
}
