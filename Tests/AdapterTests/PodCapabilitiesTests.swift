import Domain
import JSON
import Testing

@testable import RktCLI

@Suite("What network plugins are told of a pod", .timeLimit(.minutes(10)))
struct PodCapabilitiesTests {
    @Test("network plugins get the pod's bandwidth and the node's ranges in the forms that containerd gave them")
    func capabilities() async throws {
        let fake = try FakeEngine.gantry()
        let engine = fake.engine { $0.podRanges = { ["10.1.0.0/24", "fd00::/64"] } }
        var config = Samples.plainPod
        config.annotations = ["kubernetes.io/ingress-bandwidth": "10M"]
        _ = try await engine.prepare(Samples.podID, config: config, unit: "u.service")
        let json = try JSON(parsing: try #require(fake.directory.text("run/requests/\(Samples.podID).json")))
        #expect(
            json["network"]?["capabilities"] == [
                "io.kubernetes.cri.pod-annotations": ["kubernetes.io/ingress-bandwidth": "10M"],
                "bandwidth": ["ingressRate": 10_000_000, "ingressBurst": 4_294_967_295],
                "ipRanges": [[["subnet": "10.1.0.0/24"]], [["subnet": "fd00::/64"]]],
            ])
    }
}
