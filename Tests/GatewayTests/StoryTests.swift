import Domain
import DomainFakes
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct StoryTests {
    @Test func `a pod's story is told by its id, the beginning of it or its name, and of one that is gone too`()
        async throws
    {
        try await GatewayHarness.run { gateway in
            let pod = try await gateway.pod()
            let gone = PodID.fake(9, "d")
            let at = Timestamp(nanoseconds: 1_800_000_000_000_000_000)
            gateway.node.history.tell(
                pod, HistoryLine(at: at, source: .unit, isProblem: true, text: "container \u{1b}[31m \"x\" ended"))
            gateway.node.history.tell(
                gone, HistoryLine(at: at, source: .daemon, text: "", call: .init(method: "RemovePodSandbox")))
            let metadata = try #require(gateway.useCases.listPodSandboxes().first?.config.metadata)
            let name = "\(metadata.namespace)%2F\(metadata.name)"
            for text in [pod.rawValue, String(pod.rawValue.prefix(60)), name] {
                let answer = try await gateway.ask(.get, "/v1/pods/\(text)/story")
                #expect(answer.status == 200, "\(text): \(answer.text)")
                #expect(answer.json["id"]?.stringValue == pod.rawValue)
                #expect(answer.json["state"]?.stringValue == "SANDBOX_READY")
                #expect(answer.json["summary"]?.stringValue?.isEmpty == false)
                let last = answer.json["entries"]?.arrayValue?.last
                #expect(last?["at"]?.stringValue == "1800000000000000000" && last?["source"]?.stringValue == "unit")
                #expect(last?["problem"]?.boolValue == true)
                #expect(last?["text"]?.stringValue == "container \u{1b}[31m \"x\" ended")
            }
            gateway.node.history.call("default/gone", gone)
            for text in [gone.rawValue, "d000", "default%2Fgone"] {
                let answer = try await gateway.ask(.get, "/v1/pods/\(text)/story")
                #expect(answer.json["id"]?.stringValue == gone.rawValue, "\(text): \(answer.text)")
                #expect(answer.json["state"]?.stringValue == "" && answer.json["name"]?.stringValue == "")
                #expect(answer.json["summary"]?.stringValue == "gone: it was removed by RemovePodSandbox")
            }
            for text in [PodID.fake(3, "e").rawValue, "eee", "web", "default%2Fnobody", "a%2Fb%2Fc"] {
                #expect(try await gateway.ask(.get, "/v1/pods/\(text)/story").status == 404, "\(text)")
            }
            for text in ["\(pod)/story?x=1", "%ff/story"] {
                #expect(try await gateway.ask(.get, "/v1/pods/\(text)").status == 400, "\(text)")
            }
        }
    }

    @Test func `calls of the gateway are recorded with their pod and container`() async throws {
        try await GatewayHarness.run { gateway in
            let pod = try await gateway.pod()
            _ = try await gateway.ask(.post, "/v1/pods/\(pod.rawValue.prefix(60))/stop")
            let call = try #require(gateway.responder.recorder.ended(after: 0, routine: false).calls.last)
            #expect(call.pod == pod.rawValue && call.container == "")
        }
    }
}
