import Domain
import HostFacts
import RktCLI

/// `NetworkReady` for the engine in use: the host's network is there, and this engine can give it to pods.
struct EngineNetwork: NetworkStatus {
    let host: CNINetworkStatus
    let engine: RktCLIEngine

    func condition() async -> RuntimeCondition {
        let condition = await host.condition()
        guard condition.status, let problem = await engine.networkProblem() else { return condition }
        return RuntimeCondition(
            type: condition.type, status: false, reason: "NetworkNotForThisEngine", message: problem.message)
    }

    func podCIDRChanged(_ cidr: String) async throws(DomainError) { try await host.podCIDRChanged(cidr) }
}
