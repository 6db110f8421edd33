import GRPCCore
import RequestMemory

/// What every connection of a transport shares.
struct ConnectionEnvironment: Sendable {
    let configuration: TransportConfiguration
    /// The registered methods by path.
    let methods: [String: MethodDescriptor]
    let counters: TransportCounters
    let budget: RequestBudget
    let peer: PeerDescription
    /// Hands an RPC to the transport's task group.
    let accept: @Sendable (AcceptedRPC) -> Void
}
