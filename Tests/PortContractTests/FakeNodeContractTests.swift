import Domain
import DomainFakes
import PortContracts
import Testing

@Suite("The in-memory node keeps the promises of the ports", .timeLimit(.minutes(10)))
struct FakeNodeContractTests {
    private func node() -> ContractNode {
        let fake = FakeNode()
        var unstartable = ContainerConfig.fake("broken")
        unstartable.command = ["/does/not/exist"]
        return ContractNode(
            launcher: fake.launcher, engine: fake.engine, live: fake.live, ids: fake.ids, clock: fake.wallClock,
            image: .busybox,
            pod: { .fake($0) }, container: { .fake($0) }, ready: { _, _ in }, unstartable: unstartable,
            end: { id, pod, code in fake.engine.exits(id, of: pod, code: code) })
    }

    @Test("pods", arguments: PodContract.cases)
    func pods(promise: ContractCase) async throws { try await promise.check(node()) }

    @Test("containers", arguments: ContainerContract.cases)
    func containers(promise: ContractCase) async throws { try await promise.check(node()) }

    @Test("sessions", arguments: LiveSessionContract.cases)
    func sessions(promise: ContractCase) async throws { try await promise.check(node()) }

    @Test("events", arguments: EventContract.cases)
    func events(promise: ContractCase) async throws { try await promise.check(node()) }
}
