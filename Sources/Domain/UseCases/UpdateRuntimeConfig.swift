/// Takes the pod range the kubelet tells; an empty one changes nothing.
package struct UpdateRuntimeConfig: Sendable {
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    package func callAsFunction(podCIDR: String) async throws(DomainError) {
        if podCIDR.isEmpty { return }
        try await context.ports.network.podCIDRChanged(podCIDR)
    }
}
