import Domain
import DomainFakes
import HTTPTypes
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct MetricsNumberTests {
    @Test func `images whose sizes nobody can add up do not end the metrics`() async throws {
        try await GatewayHarness.run { gateway in
            for letter in ["a", "b", "c"] {
                gateway.node.images.add(
                    Image(
                        id: ImageID("sha256:" + String(repeating: letter, count: 64)), repoTags: [], repoDigests: [],
                        size: .max))
            }
            let text = try await gateway.ask(.get, "/metrics").text
            #expect(text.contains("rktlet_images 3\n") && text.contains("rktlet_images_bytes 1.8446744073709552e+19\n"))
        }
    }

    @Test func `a condition that does not hold is 0`() async throws {
        try await GatewayHarness.run { gateway in
            let well = try await gateway.ask(.get, "/metrics").text
            #expect(well.contains("rktlet_condition{type=\"RuntimeReady\"} 1\n"))
            #expect(well.contains("rktlet_condition{type=\"NetworkReady\"} 1\n"))
            gateway.node.network.become(RuntimeCondition(type: "NetworkReady", status: false, reason: "None"))
            let ill = try await gateway.ask(.get, "/metrics").text
            #expect(ill.contains("rktlet_condition{type=\"NetworkReady\"} 0\n"))
        }
    }
}
