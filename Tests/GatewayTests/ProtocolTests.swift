import Domain
import DomainFakes
import HTTPTypes
import JSON
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct ProtocolTests {
    @Test(
        arguments: [
            (HTTPRequest.Method.patch, "/v1/pods", "GET, HEAD, POST"), (.post, "/v1/version", "GET, HEAD"),
            (.get, "/v1/pods/abc/stop", "POST"), (.options, "/v1/config", "GET, HEAD, PUT"),
        ])
    func `a wrong method is 405 with those that are right`(method: HTTPRequest.Method, path: String, allow: String)
        async throws
    {
        try await GatewayHarness.run { gateway in
            let answer = try await gateway.ask(method, path)
            #expect(answer.status == 405)
            #expect(answer.headers[.allow] == allow)
        }
    }

    @Test(
        arguments: [
            "/v1/../etc", "/v1/%2e%2E/etc", "/v1//pods", "/v1/pods/", "/v1/pods/a%00b", "/v1/pods/a%5Cb",
            "/v1/pods/%zz", "/v1/pods/%ff", "*", "", "http://localhost/v1/pods", "localhost:443", "/v1/pods/\u{301}",
            "/v1/pods?a\u{301}",
            "/v1/pods#a",
        ])
    func `a path that is not what it seems is refused`(path: String) async throws {
        try await GatewayHarness.run { gateway in
            let answer = try await gateway.ask(.get, path)
            #expect((answer.status, answer.code) == (400, "badPath"))
        }
    }

    @Test func `unknown paths and methods answer with problems`() async throws {
        try await GatewayHarness.run { gateway in
            let lost = try await gateway.ask(.get, "/v1/nothing")
            #expect((lost.status, lost.code) == (404, "noSuchPath"))
            let method = try #require(HTTPRequest.Method("FROBNICATE"))
            #expect(try await gateway.ask(method, "/v1/pods").status == 501)
            #expect(try await gateway.ask(.head, "/v1/version").text.isEmpty)
        }
    }

    @Test(arguments: ["text/plain", "application/x-www-form-urlencoded", nil])
    func `other media types are 415`(type: String?) async throws {
        try await GatewayHarness.run { gateway in
            var headers = HTTPFields()
            headers[.contentType] = type
            let answer = try await gateway.ask(.post, "/v1/pods", "{}", headers: headers)
            #expect(answer.status == 415)
        }
    }

    @Test func `a body above the limit is 413, and nothing is made`() async throws {
        try await GatewayHarness.run { gateway in
            let huge = #"{"a":""# + String(repeating: "x", count: 3 << 20) + #""}"#
            let answer = try await gateway.ask(.post, "/v1/pods", huge)
            #expect(answer.status == 413)
            #expect(gateway.node.leftovers.isEmpty)
        }
    }

    @Test func `YAML that grows without end is refused`() async throws {
        let bomb =
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + zip("bcdefgh", "abcdefg").map {
                "\($0): &\($0) [\(Array(repeating: "*\($1)", count: 9).joined(separator: ","))]\n"
            }.joined()
        try await GatewayHarness.run { gateway in
            let answer = try await gateway.ask(.post, "/v1/pods", bomb, headers: [.contentType: "application/yaml"])
            #expect(answer.status == 400, "\(answer.text)")
            let broken = try await gateway.ask(
                .post, "/v1/pods", "a: [1\nb: 2", headers: [.contentType: "application/yaml"])
            #expect(broken.detail.contains("line 2"), "\(broken.detail)")
        }
    }

    @Test(
        "a page of another site is refused, on a Unix socket too: a tunnel brings browsers there",
        arguments: [AccessPolicy.socket, .loopback(token: "0123456789abcdef")])
    func otherSites(access: AccessPolicy) async throws {
        try await GatewayHarness.run(access: access, token: "0123456789abcdef") { gateway in
            for headers: HTTPFields in [
                [.origin: "http://evil.example"], [.origin: "null"], [.origin: "http://localhost, http://localhost"],
                [.init("Sec-Fetch-Site")!: "cross-site"],
                [.init("Sec-Fetch-Site")!: "same-site"],
            ] {
                let answer = try await gateway.ask(.get, "/v1/pods", headers: headers)
                #expect(answer.status == 403, "\(headers)")
                #expect(answer.headers[.crossOriginResourcePolicy] == "same-origin")
            }
            for headers: HTTPFields in [
                [.origin: "http://localhost"], [.init("Sec-Fetch-Site")!: "same-origin"],
                [.init("Sec-Fetch-Site")!: "none"],
            ] { #expect(try await gateway.ask(.get, "/v1/pods", headers: headers).status == 200, "\(headers)") }
            // A link to the page.
            #expect(try await gateway.ask(.get, "/", headers: [.init("Sec-Fetch-Site")!: "cross-site"]).status == 200)
        }
    }

    @Test func `while the daemon starts, pods are not there yet and health is`() async throws {
        try await GatewayHarness.run(isServing: false) { gateway in
            let early = try await gateway.ask(.get, "/v1/pods")
            #expect((early.status, early.headers[.retryAfter]) == (503, "1"))
            #expect(try await gateway.ask(.get, "/healthz").text == "ok\n")
            let ready = try await gateway.ask(.get, "/readyz")
            #expect(ready.status == 503)
            #expect(ready.json["reasons"]?[0]?["reason"] == "Starting")
        }
    }

    @Test func `readiness tells why it is missing`() async throws {
        try await GatewayHarness.run { gateway in
            #expect(try await gateway.ask(.get, "/readyz").json["ready"] == true)
            gateway.node.network.become(
                RuntimeCondition(type: "NetworkReady", status: false, reason: "NoPlugin", message: "m"))
            let answer = try await gateway.ask(.get, "/readyz")
            #expect((answer.status, answer.json["reasons"]?[0]?["reason"]) == (503, "NoPlugin"))
        }
    }

    @Test func `metrics count requests, pods and containers`() async throws {
        try await GatewayHarness.run { gateway in
            _ = try await gateway.container(in: try await gateway.pod())
            _ = try await gateway.ask(.get, "/v1/pods/zz")
            let text = try await gateway.ask(.get, "/metrics").text
            #expect(text.contains("rktlet_pods{state=\"ready\"} 1\n"))
            #expect(text.contains("rktlet_containers{state=\"running\"} 1\n"))
            #expect(
                text.contains(
                    "rktlet_gateway_request_duration_seconds_count{code=\"404\",method=\"GET\",route=\"/v1/pods/{pod}\"} 1\n"
                ))
        }
    }

    @Test func `what pods use is told as metrics, in parts of seconds`() async throws {
        try await GatewayHarness.run { gateway in
            #expect(try await gateway.ask(.get, "/metrics/pods").text.isEmpty)
            let pod = try await gateway.pod()
            let container = try await gateway.container(in: pod)
            let sandbox = try gateway.useCases.podSandboxStatus(pod).pod
            let cgroup = try gateway.useCases.containerStatus(container).cgroup
            for place in [sandbox.cgroup, cgroup] {
                gateway.node.usage.set(
                    CgroupDetails(usage: CgroupUsage(at: Timestamp(nanoseconds: 1), cpu: 1_500_000_000)), for: place)
            }
            let text = try await gateway.ask(.get, "/metrics/pods").text
            let lines = text.split(separator: "\n").filter { $0.hasPrefix("container_cpu_usage_seconds_total{") }
            #expect(lines.count == 2 && lines.allSatisfy { $0.hasSuffix("} 1.5") })
            #expect(lines.contains { $0.contains("name=\"\(container.rawValue)\"") })
            #expect(lines.contains { !$0.contains("name=") })
            #expect(text.contains("# TYPE container_cpu_usage_seconds_total counter\n"))
            #expect(!text.contains("container_memory_usage_bytes"))
        }
    }

    @Test func `images are pulled, found by their beginnings and removed; a pull that is asked to tells how it goes`()
        async throws
    {
        try await GatewayHarness.run { gateway in
            let image = Image(
                id: ImageID("sha256:" + String(repeating: "e", count: 64)), repoTags: ["docker.io/library/web:1"],
                repoDigests: [], size: 5)
            gateway.node.images.publish(image, as: "docker.io/library/web:1")
            let request = #"{"image":{"image":"web:1"}}"#
            #expect(
                try await gateway.ask(.post, "/v1/images", request).json == ["imageRef": .string(image.id.rawValue)])
            #expect(
                try await gateway.ask(.get, "/v1/images/eee").json["image"]?["repoTags"] == ["docker.io/library/web:1"])
            #expect(try await gateway.ask(.get, "/v1/images/docker.io%2Flibrary%2Fweb:1").status == 200)
            #expect(try await gateway.ask(.delete, "/v1/images/sha256:eee").status == 200)
            #expect(try await gateway.ask(.get, "/v1/images/web:1").status == 404)
            let lines = try await gateway.ask(
                .post, "/v1/images", request,
                headers: [.contentType: "application/json", .accept: "application/x-ndjson"]
            ).text.split(separator: "\n").compactMap { try? JSON(parsing: String($0)) }
            #expect(lines.first?["status"] == "pulling" || lines.count == 1)
            #expect(lines.last == ["status": "pulled", "imageRef": .string(image.id.rawValue)])
            try await gateway.useCases.removeImage(image.id.rawValue)
            let gate = gateway.node.failpoints.hold(.imagesPull, .after)
            async let slow = gateway.ask(
                .post, "/v1/images", request,
                headers: [.contentType: "application/json", .accept: "application/x-ndjson"])
            await gate.arrival()
            let pull = PullLines(useCases: gateway.useCases, reference: "web:1", credentials: nil)
            for try await line in pull.lines() {
                let json = try JSON(parsing: String(buffer: line))
                #expect(json["status"] == "pulling" && json["phase"] == "downloading")
                #expect(json["bytes"] == "50" && json["totalBytes"] == "100")
                #expect(json["layers"] == 1 && json["totalLayers"] == 3)
                break
            }
            gate.open()
            #expect(try await slow.status == 200)
            let failed = try await gateway.ask(
                .post, "/v1/images", #"{"image":{"image":"none:1"}}"#,
                headers: [.contentType: "application/json", .accept: "application/x-ndjson"])
            #expect(
                failed.text.contains(#""status":"failed""#) && failed.text.contains(#""status":404"#), "\(failed.text)")
        }
    }
}
