import CallRecords
import HTTPTypes
import JSON
import NIOCore
import Testing
import Waiting

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct CallTests {
    private func calls(_ gateway: GatewayHarness, _ query: String = "") async throws -> [JSON] {
        let answer = try await gateway.ask(.get, "/v1/calls" + query)
        #expect(answer.status == 200, "\(answer.text)")
        return answer.json["calls"]?.arrayValue ?? []
    }

    private func methods(_ calls: [JSON]) -> [String] { calls.compactMap { $0["method"]?.stringValue } }

    @Test func `requests are recorded by their route and object, without query, headers or body`() async throws {
        try await GatewayHarness.run { gateway in
            let pod = try await gateway.pod()
            let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            _ = try await gateway.ask(
                .post, "/v1/pods/\(pod)/containers?x=hidden-query",
                "{\"envs\": [{\"key\": \"A\", \"value\": \"hidden-body\"}]}",
                headers: [
                    .contentType: "application/json", HTTPField.Name("traceparent")!: trace,
                    .authorization: "Bearer hidden-token",
                ])
            _ = try await gateway.ask(.post, "/v1/pods/\(pod)/stop")
            _ = try await gateway.ask(.get, "/v1/pods")
            _ = try await gateway.ask(.get, "/v1/nothing/\(pod)")
            let told = try await calls(gateway)
            #expect(
                methods(told).dropLast()
                    == ["POST /v1/pods/{pod}/containers", "POST /v1/pods/{pod}/stop", "GET /v1/nothing/\(pod)"])
            // That which asks is there itself.
            #expect(told.last?["running"]?.boolValue == true)
            #expect(told.first?["object"]?.stringValue == pod.rawValue)
            #expect(told.first?["traceparent"]?.stringValue == trace)
            #expect(told.first?["code"]?.stringValue == "400" && told.first?["failed"]?.boolValue == true)
            #expect(told.first?["error"]?.stringValue?.isEmpty == false)
            #expect(told[1]["code"]?.stringValue == "200")
            let text = try await gateway.ask(.get, "/v1/calls?all=true").text
            #expect(text.contains("\"GET /v1/pods\"") && !text.contains("hidden-"))
        }
    }

    @Test func `calls are filtered by all that they are about`() async throws {
        try await GatewayHarness.run { gateway in
            let recorder = gateway.responder.recorder
            func record(_ method: String, _ object: String, _ name: String = "", failed: Bool = false) {
                let call = recorder.begin(.grpc, method, onlyAsks: false, traceparent: nil)
                call.about(object)
                call.making(name)
                recorder.end(call, code: failed ? "internalError" : "ok", hasFailed: failed, error: failed ? "x" : "")
            }
            record("RunPodSandbox", "aaa1", "default/web")
            record("StopContainer", "bbb2", failed: true)
            record("StopPodSandbox", "aaa1")
            func chosen(_ query: String) async throws -> [String] {
                methods(try await calls(gateway, "?transport=grpc&" + query))
            }
            #expect(try await chosen("") == ["RunPodSandbox", "StopContainer", "StopPodSandbox"])
            #expect(try await chosen("failed=true") == ["StopContainer"])
            #expect(try await chosen("method=PodSandbox") == ["RunPodSandbox", "StopPodSandbox"])
            #expect(try await chosen("object=aaa") == ["RunPodSandbox", "StopPodSandbox"])
            #expect(try await chosen("object=web") == ["RunPodSandbox"])
            #expect(try await chosen("object=aa1") == [])
            #expect(try await chosen("tail=1") == ["StopPodSandbox"])
            #expect(try await chosen("tail=0") == [])
            #expect(try await chosen("slow=1h") == [])
            #expect(try await chosen("slow=0ms").count == 3)
            for query in [
                "slow=fast", "slow=-1s", "slow=1234567890s", "slow=", "transport=tcp", "tail=-1", "failed=2",
                "follow=true",
            ] {
                let answer = try await gateway.ask(.get, "/v1/calls?" + query)
                #expect(answer.status == 400, "\(query)")
            }
        }
    }

    @Test func `a stranger's refused requests push nothing out`() async throws {
        try await GatewayHarness.run(access: .loopback(token: "0123456789abcdef"), token: "0123456789abcdef") {
            gateway in
            var stranger = gateway
            stranger.token = "wrong"
            for _ in 0..<10 {
                let answer = try await stranger.ask(.delete, "/v1/pods/a")
                #expect(answer.status == 401)
            }
            let failures = try await calls(gateway, "?failed=true")
            #expect(failures.isEmpty)
            let all = try await calls(gateway, "?failed=true&all=true")
            #expect(all.count == 10)
        }
    }

    // MARK: Followers

    private func next(_ iterator: inout AsyncThrowingStream<ByteBuffer, any Error>.Iterator) async throws -> String {
        String(buffer: try #require(try await iterator.next()))
    }

    private func record(_ recorder: CallRecorder, _ method: String) {
        recorder.end(
            recorder.begin(.grpc, method, onlyAsks: false, traceparent: nil), code: "ok", hasFailed: false, error: "")
    }

    @Test func `who follows gets what is kept and what ends from then on, and after a break what was missed`()
        async throws
    {
        let recorder = CallRecorder()
        let followers = CallFollowers(recorder: recorder)
        record(recorder, "First")
        var all = followers.frames(after: nil, CallFilter()).makeAsyncIterator()
        #expect(try await next(&all).hasPrefix("retry: "))
        let first = try await next(&all)
        #expect(first.contains("event: call\ndata: {") && first.contains("\"First\""))
        let id = try #require(first.split(separator: "\n").first?.dropFirst(4))
        record(recorder, "Second")
        let second = try await next(&all)
        #expect(second.contains("\"Second\"") && !second.contains("\"First\""))
        var again = followers.frames(after: String(id), CallFilter()).makeAsyncIterator()
        _ = try await next(&again)
        #expect(try await next(&again) == second)
        let boot = try #require(id.split(separator: "-").first)
        for forged in ["other-1", "\(boot)-\(UInt64.max)", "\(boot)-", "", "\(boot)--1"] {
            var lost = followers.frames(after: forged, CallFilter()).makeAsyncIterator()
            _ = try await next(&lost)
            #expect(try await next(&lost).contains("event: gap\n"), "\(forged)")
        }
        var filter = CallFilter()
        filter.tail = 1
        var tail = followers.frames(after: nil, filter).makeAsyncIterator()
        _ = try await next(&tail)
        #expect(try await next(&tail) == second)
    }

    @Test func `who is too slow is told of a gap, and holds nothing in memory`() async throws {
        var limits = CallRecorder.Limits()
        limits.calls = 4
        let recorder = CallRecorder(limits: limits)
        let followers = CallFollowers(recorder: recorder)
        var slow = followers.frames(after: nil, CallFilter()).makeAsyncIterator()
        _ = try await next(&slow)
        record(recorder, "Seen")
        #expect(try await next(&slow).contains("Seen"))
        for number in 0..<50 { record(recorder, "Call\(number)") }
        let piece = try await next(&slow)
        #expect(piece.hasPrefix("event: gap\ndata: {}\n\n"))
        #expect(
            piece.ranges(of: "event: call\n").count == 4 && piece.contains("\"Call46\"") && piece.contains("\"Call49\"")
        )
    }

    @Test func `who follows hears that the daemon is there, and is forgotten when gone`() async throws {
        let recorder = CallRecorder()
        let followers = CallFollowers(recorder: recorder, heartbeat: .milliseconds(1))
        let run = Task { try await followers.run() }
        do {
            var quiet = followers.frames(after: nil, CallFilter()).makeAsyncIterator()
            _ = try await next(&quiet)
            #expect(try await next(&quiet) == ": still here\n\n")
            #expect(recorder.followerCount == 1)
        }
        try await until("the follower is forgotten") { recorder.followerCount == 0 }
        run.cancel()
        try await run.value
    }
}
