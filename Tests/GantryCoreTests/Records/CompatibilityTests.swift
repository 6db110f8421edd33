import JSON
import Testing

@testable import GantryCore

@Suite(.timeLimit(.minutes(10)))
struct CompatibilityTests {
    @Test func `A configuration says only what is not as it is by default`() throws {
        #expect(AppConfig().json == ["version": 1])
        let document: JSON = [
            "version": 1, "command": ["a"], "user": ["uid": 5], "resources": ["cpuShares": 7], "maskedPaths": [],
            "mounts": [["containerPath": "/a", "hostPath": "/b", "readonly": true]], "seccomp": ["type": "unconfined"],
            "stopTimeoutSeconds": 0,
        ]
        #expect(try AppConfig(json: document).json == document)
    }

    @Test func `Two engines speak the newest protocol that both know`() {
        #expect(ControlProtocol.common(with: 1, 9, own: 2...3) == 3)
        #expect(ControlProtocol.common(with: 1, 2, own: 1...3) == 2)
        #expect(ControlProtocol.common(with: 4, 5, own: 1...3) == nil)
        #expect(ControlProtocol.common(with: 1, 1, own: 2...3) == nil)
    }

    @Test func `Features are those of the kernel and of crun`() {
        let crun = "crun version 1.8.1\ncommit: f8a096be\n"
        let all = EngineFeatures.names(release: "6.1.0-13-amd64", crun: crun, hasUserNamespaces: true)
        #expect(all.contains("user-namespaces") && all.contains("recursive-read-only") && all == all.sorted())
        let old = EngineFeatures.names(release: "5.15.0", crun: crun, hasUserNamespaces: true)
        #expect(!old.contains("user-namespaces") && old.contains("recursive-read-only"))
        for poor in [
            EngineFeatures.names(release: "5.4.0", crun: crun, hasUserNamespaces: true),
            EngineFeatures.names(release: "6.1.0", crun: "", hasUserNamespaces: false),
        ] {
            #expect(
                !poor.contains("user-namespaces") && !poor.contains("recursive-read-only") && poor.contains("events"))
        }
    }
}
