import Domain
import DomainFakes
import Testing

@Suite("The runtime's own verbs", .timeLimit(.minutes(10)))
struct RuntimeTests {
    let node = FakeNode()

    @Test("Version fills all four fields")
    func version() {
        var settings = UseCases.Settings()
        settings.runtimeVersion = "1.2.3"
        let version = node.useCases(settings).version()
        #expect(
            version
                == RuntimeVersion(
                    version: "0.1.0", runtimeName: "rktlet", runtimeVersion: "1.2.3", runtimeAPIVersion: "v1"))
    }

    @Test("The cgroup driver is systemd")
    func cgroupDriver() {
        #expect(node.useCases().runtimeConfig() == .systemd)
    }

    @Test("Status always has both conditions, and the handlers with the engine's abilities")
    func status() async {
        let report = await node.useCases().runtimeStatus()
        #expect(report.conditions.map(\.type) == ["RuntimeReady", "NetworkReady"])
        #expect(report.conditions.allSatisfy { $0.status })
        #expect(report.handlers.map(\.name) == ["", "default", "plain"])
        #expect(report.handlers.map(\.recursiveReadOnlyMounts) == [true, true, false])
        #expect(report.handlers.map(\.userNamespaces) == [true, true, false])
        #expect(report.details["engine"] == "fake")
    }

    @Test("A network that is not there is a condition with its reason")
    func networkNotReady() async {
        node.network.become(
            RuntimeCondition(type: "NetworkReady", status: false, reason: "NoConfig", message: "no CNI configuration"))
        let report = await node.useCases().runtimeStatus()
        #expect(report.conditions[1].status == false)
        #expect(report.conditions[1].reason == "NoConfig")
        #expect(report.conditions[0].status)
    }

    @Test("What the host lacks of protections is told beside the conditions, and makes none of them false")
    func advisories() async {
        struct Bare: Confinement {
            let advisory = RuntimeCondition(type: "AppArmorReady", status: false, reason: "None", message: "load one")
            func advisories() async -> [RuntimeCondition] { [advisory] }
        }
        var ports = node.ports
        ports.confinement = Bare()
        let report = await UseCases(ports: ports, settings: UseCases.Settings()).runtimeStatus()
        #expect(report.advisories == [Bare().advisory])
        #expect(report.conditions.map(\.type) == ["RuntimeReady", "NetworkReady"])
        #expect(report.conditions.allSatisfy { $0.status })
    }

    @Test("An engine that does not answer is a condition, told once, until it answers again")
    func engineDown() async {
        let useCases = node.useCases()
        node.failpoints.arm(.engineInventory, .before, .fail(broken), times: 3)
        for _ in 0..<3 { await useCases.followEngine.check() }
        var condition = await useCases.runtimeStatus().conditions[0]
        #expect(!condition.status)
        #expect(condition.message.contains("failpoint"))
        #expect(node.diagnostics.warnings.count == 1)
        await useCases.followEngine.check()
        condition = await useCases.runtimeStatus().conditions[0]
        #expect(condition.status)

        node.failpoints.arm(.engineFeatures, .before, .fail(broken))
        let other = node.useCases()
        #expect(await other.runtimeStatus().conditions[0].status == false)
        #expect(await other.runtimeStatus().conditions[0].status)
    }

    @Test("The pod range reaches the network; an empty one changes nothing")
    func podCIDR() async throws {
        let useCases = node.useCases()
        try await useCases.updateRuntimeConfig(podCIDR: "")
        try await useCases.updateRuntimeConfig(podCIDR: "10.1.0.0/24")
        #expect(node.network.cidrs == ["10.1.0.0/24"])
    }
}
