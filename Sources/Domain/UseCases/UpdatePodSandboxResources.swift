/// Gives all of a pod that is ready other limits. The slice above it stays with whoever made it, such as the kubelet.
///
/// What must always hold: all of them or none; limits below what is in use are refused.
package struct UpdatePodSandboxResources: Sendable {
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// - Throws: `notFound`; `failedPrecondition`; `invalidArgument`, naming the field.
    package func callAsFunction(
        _ id: PodID, resources: LinuxResources, overhead: LinuxResources
    ) async throws(DomainError) {
        guard let pod = context.index.pod(id) else { throw DomainError(.notFound, "pod \(id) does not exist") }
        guard pod.state == .ready else {
            throw DomainError(
                .failedPrecondition, "pod \(id) is not ready; only one that is can be given other limits")
        }
        let limits = try PodLimits(resources: resources, overhead: overhead)
        if let memory = limits.memory,
            let used = try await memoryInUse(by: pod), used > memory
        {
            throw DomainError(
                .invalidArgument,
                "resources.memory_limit_in_bytes: \(memory), overhead included, is below the \(used) bytes that pod \(id) uses now"
            )
        }
        try await context.ports.launcher.limit(id, to: limits)
    }

    /// Bytes; nil where the kernel does not tell.
    private func memoryInUse(by pod: PodSandbox) async throws(DomainError) -> UInt64? {
        switch await context.ports.usage.usages(of: [pod.cgroup]).first {
        case .value(let usage): usage.memory?.workingSet
        case .failed(let error): throw error
        case .gone, nil: nil
        }
    }
}
