import Domain
import JSON
import Testing

@testable import RktCLI

@Suite("What the engine keeps for the daemon", .timeLimit(.minutes(10)))
struct CodecTests {
    @Test("a pod's request comes back unaltered", arguments: [Samples.pod, Samples.plainPod])
    func pods(config: PodSandboxConfig) throws {
        let annotation = PodAnnotation(id: Samples.podID, createdAt: Timestamp(nanoseconds: .max), config: config)
        #expect(try PodAnnotation(text: annotation.text) == annotation)
    }

    @Test("a container's request comes back unaltered", arguments: [Samples.container, Samples.plainContainer])
    func containers(config: ContainerConfig) throws {
        let annotation = ContainerAnnotation(Samples.newContainer(config))
        #expect(try ContainerAnnotation(text: annotation.text) == annotation)
    }

    @Test(
        "every way to share namespaces, and every profile, comes back",
        arguments: [NamespaceOptions.PIDMode.pod, .container, .node, .target(Samples.containerID)],
        [SecurityProfile.runtimeDefault, .unconfined, .localhost("x")])
    func choices(pid: NamespaceOptions.PIDMode, profile: SecurityProfile) throws {
        var config = Samples.plainContainer
        config.security.namespaces.pid = pid
        config.security.seccomp = profile
        config.security.appArmor = profile
        let annotation = ContainerAnnotation(Samples.newContainer(config))
        #expect(try ContainerAnnotation(text: annotation.text) == annotation)
    }

    @Test("a newer format is refused, since it may mean something else")
    func newerFormat() throws {
        let text = PodAnnotation(id: Samples.podID, createdAt: .never, config: Samples.plainPod).text
        let newer = text.replacingFirst("\"format\":1", with: "\"format\":2")
        #expect(throws: CodecError.self) { try PodAnnotation(text: newer) }
    }

    @Test(
        "what is not ours is refused, and says where",
        arguments: [
            #"{"format":1}"#, #"{"format":1,"id":"x","config":{}}"#, "[]", "", #"{"format":"1"}"#,
            #"{"format":1,"id":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","config":{"metadata":[]}}"#,
        ])
    func rubbish(text: String) {
        #expect(throws: (any Error).self) { try PodAnnotation(text: text) }
        #expect(throws: (any Error).self) { try ContainerAnnotation(text: text) }
    }

    @Test(
        "base64 as the standard's own examples have it",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func base64(plain: String, encoded: String) {
        #expect(JSONBytes.encode(Array(plain.utf8)) == encoded)
        #expect(JSONBytes.decode(encoded) == Array(plain.utf8))
    }

    @Test("base64 of any bytes comes back")
    func base64RoundTrip() {
        for count in 0..<100 {
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max) }
            #expect(JSONBytes.decode(JSONBytes.encode(bytes)) == bytes)
        }
    }

    @Test(
        "broken base64 is refused",
        arguments: ["Zg", "Zg=", "Z===", "====", "Zm9v=", "Zm 9", "Zm9*", "=Zg=", "Zg==Zg=="])
    func badBase64(text: String) {
        #expect(JSONBytes.decode(text) == nil)
    }

    @Test("a pod's engine name is the first half of its id, in the form of a UUID")
    func uuids() {
        #expect(EngineUUID(Samples.podID).description == Samples.uuid)
        #expect(EngineUUID(Samples.uuid)?.description == Samples.uuid)
        for text in [
            "", "x", "01234567-89ab-cdef-0123-456789abcde", "0123456789abcdef0123456789abcdef",
            "01234567-89ab-cdef-0123-456789abcdeg",
        ] {
            #expect(EngineUUID(text) == nil)
        }
    }
}

extension String {
    func replacingFirst(_ old: String, with new: String) -> String {
        guard let range = firstRange(of: old) else { return self }
        return replacingCharacters(range, new)
    }

    private func firstRange(of text: String) -> Range<Index>? {
        indices.first { self[$0...].hasPrefix(text) }.map { $0..<index($0, offsetBy: text.count) }
    }

    private func replacingCharacters(_ range: Range<Index>, _ text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}
