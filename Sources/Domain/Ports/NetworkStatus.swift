/// Whether pods can get a network now.
package protocol NetworkStatus: Sendable {
    /// The `NetworkReady` condition, with a reason that says what to do.
    func condition() async -> RuntimeCondition
    /// The pod range that the kubelet told us (CRI `UpdateRuntimeConfig`); kept for templates of network configurations.
    func podCIDRChanged(_ cidr: String) async throws(DomainError)
}
