/// Carries a client's connections into a pod's network.
package struct PortForward: Sendable {
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// The first half: an address at which the session is to be had.
    ///
    /// - Throws: `notFound`, `failedPrecondition` unless the pod is ready, `resourceExhausted`.
    package func address(into id: PodID, ports: [UInt16]) throws(DomainError) -> String {
        try requireReady(id)
        return try context.ports.tickets.issue(.portForward(pod: id, ports: ports))
    }

    /// The second half: the client has come.
    ///
    /// - Throws: `notFound`, `failedPrecondition` unless the pod is still ready, and what the engine says.
    package func open(into id: PodID) async throws(DomainError) -> any PortForwarding {
        try requireReady(id)
        return try await context.ports.live.forward(into: id)
    }

    private func requireReady(_ id: PodID) throws(DomainError) {
        guard let pod = context.index.pod(id) else { throw DomainError(.notFound, "pod \(id) does not exist") }
        guard pod.state == .ready else {
            throw DomainError(.failedPrecondition, "pod \(id) is not ready; ports of ready pods only are forwarded")
        }
    }
}
