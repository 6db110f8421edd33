import Testing

@testable import Domain

@Suite("A PID namespace that is shared by the operator's word")
struct SharedPIDNamespaceTests {
    @Test("is told once the engine told of it, and the config stays what was asked for")
    func learned() {
        var config = PodSandboxConfig(metadata: PodSandboxMetadata(name: "a", uid: "b", namespace: "c", attempt: 0))
        config.namespaces.pid = .container
        let reserved = PodSandbox(
            id: PodID(String(repeating: "a", count: 64))!, config: config, state: .creating, createdAt: .never,
            unit: "u.service")
        #expect(reserved.namespaces.pid == .container)
        var news = reserved
        news.state = .ready
        news.sharesPIDNamespace = true
        let learned = reserved.learning(news)
        #expect(learned.namespaces.pid == .pod)
        #expect(learned.config == config)
        news.sharesPIDNamespace = false
        #expect(learned.learning(news).namespaces.pid == .pod)
    }
}
