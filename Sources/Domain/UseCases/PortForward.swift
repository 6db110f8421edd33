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
        try context.ports.tickets.issue(grant(into: id, ports: ports))
    }

    /// The first half, for a transport that has its clients come to itself.
    ///
    /// - Throws: `notFound`, `failedPrecondition` unless the pod is ready.
    package func grant(into id: PodID, ports: [UInt16]) throws(DomainError) -> SessionRequest {
        try requireReady(id)
        return .portForward(pod: id, ports: ports)
    }

    /// The second half: the client has come.
    ///
    /// - Throws: `notFound`, `failedPrecondition` unless the pod is still ready, and what the engine says.
    package func open(into id: PodID) async throws(DomainError) -> any PortForwarding {
        try requireReady(id)
        return try await context.ports.live.forward(into: id)
    }

    /// Returns when the pod is ready no more, with what is to be said of it; nil when the waiting task is cancelled, or nothing is heard of pods any more.
    package func end(of id: PodID) async -> DomainError? {
        while true {
            // Before the look, so that nothing happens between the two.
            let events = context.index.events.subscribe()
            do throws(DomainError) { try requireReady(id) } catch { return error }
            do {
                for try await event in events
                where event.objectID == id.rawValue && (event.kind == .stopped || event.kind == .deleted) { break }
            } catch {}
            if Task.isCancelled || context.index.events.isClosed { return nil }
        }
    }

    private func requireReady(_ id: PodID) throws(DomainError) {
        guard let pod = context.index.pod(id) else { throw DomainError(.notFound, "pod \(id) does not exist") }
        guard pod.state == .ready else {
            throw DomainError(.failedPrecondition, "pod \(id) is not ready; ports of ready pods only are forwarded")
        }
    }
}
