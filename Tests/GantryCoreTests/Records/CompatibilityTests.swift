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
        let crun = RuntimeDescription(version: "crun version 1.8.1\ncommit: f8a096be\n", features: nil)
        #expect(crun?.name == "crun" && crun?.version == "1.8.1")
        let all = EngineFeatures.names(release: "6.1.0-13-amd64", runtime: crun, hasUserNamespaces: true)
        #expect(all.contains("user-namespaces") && all.contains("recursive-read-only") && all == all.sorted())
        let old = EngineFeatures.names(release: "5.15.0", runtime: crun, hasUserNamespaces: true)
        #expect(!old.contains("user-namespaces") && old.contains("recursive-read-only"))
        for poor in [
            EngineFeatures.names(release: "5.4.0", runtime: crun, hasUserNamespaces: true),
            EngineFeatures.names(release: "6.1.0", runtime: nil, hasUserNamespaces: false),
        ] {
            #expect(
                !poor.contains("user-namespaces") && !poor.contains("recursive-read-only") && poor.contains("events"))
        }
    }

    @Test(
        "What a runtime can do is what its features say, where it has the verb, else what its version means",
        arguments: [
            ("runc version 1.1.5+ds1\n", #"{"mountOptions":["ro","rro"]}"#, true, false),
            (
                "runc version 1.2.0\n",
                #"{"mountOptions":["rro"],"linux":{"mountExtensions":{"idmap":{"enabled":true}}}}"#, true, true
            ),
            ("runc version 1.0.3\n", nil, false, false), ("crun version 1.3\n", nil, false, true),
            ("crun version 1.20\n", #"{"mountOptions":["ro"],"linux":{}}"#, false, true),
            ("warning: x\nyouki version 0.5.0\n", "not JSON", false, false),
        ] as [(String, String?, Bool, Bool)])
    func runtimeFeatures(version: String, features: String?, readOnly: Bool, maps: Bool) throws {
        let runtime = try #require(RuntimeDescription(version: version, features: features))
        #expect(runtime.hasRecursiveReadOnly == readOnly && runtime.mapsMounts == maps)
        let names = EngineFeatures.names(release: "6.1.0", runtime: runtime, hasUserNamespaces: true)
        #expect(names.contains("recursive-read-only") == readOnly && names.contains("user-namespaces") == maps)
    }

    @Test(
        "Checkpoints are there where the runtime says so and criu is installed",
        arguments: [
            ("runc version 1.1.5\n", #"{"annotations":{"org.opencontainers.runc.checkpoint.enabled":"true"}}"#, true),
            ("runc version 1.1.5\n", #"{"annotations":{"org.opencontainers.runc.checkpoint.enabled":"false"}}"#, false),
            (
                "crun version 1.20\n+SYSTEMD +CRIU +YAJL\n",
                #"{"annotations":{"run.oci.crun.checkpoint.enabled":"true"}}"#, true
            ),
            ("crun version 1.8.1\n+SYSTEMD +YAJL\n", nil, false), ("crun version 1.4\n+SYSTEMD +CRIU\n", nil, true),
        ] as [(String, String?, Bool)])
    func checkpoints(version: String, features: String?, can: Bool) throws {
        let runtime = try #require(RuntimeDescription(version: version, features: features))
        #expect(runtime.canCheckpoint == can)
        for hasCRIU in [false, true] {
            let names = EngineFeatures.names(
                release: "6.1.0", runtime: runtime, hasUserNamespaces: true, hasCRIU: hasCRIU)
            #expect(names.contains("checkpoint") == (can && hasCRIU))
        }
    }

    @Test func `The reason of a failed checkpoint is the first error of its log`() {
        let log = """
            (00.000101) Warn  (criu/log.c:202): The early log isn't empty
            (00.187683) Error (criu/tcp.c:76): Connected TCP socket, consider using --tcp-established option.
            (00.210244) Error (criu/cr-dump.c:2053): Dumping FAILED.
            """
        #expect(CRIU.message(in: log) == "Connected TCP socket, consider using --tcp-established option.")
        #expect(CRIU.message(in: "(00.1) Error\n(00.2) no Error (here\n") == nil)
    }

    @Test(arguments: ["", "true (GNU coreutils) 9.1", "runc version"])
    func `What does not tell its version as a runtime does is none`(text: String) {
        #expect(RuntimeDescription(version: text, features: nil) == nil)
    }
}
