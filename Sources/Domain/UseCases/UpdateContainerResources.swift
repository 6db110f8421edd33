/// Gives a container that is created or runs other limits.
///
/// What must always hold: all of them or none; what is reported afterwards is what is in force; a container that has ended is refused.
/// Once begun, the engine sees it through though its caller has left.
package struct UpdateContainerResources: Sendable {
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// - Parameter resources: what is zero or empty stays as it is.
    /// - Throws: `notFound`; `failedPrecondition`; `invalidArgument`, naming the field.
    package func callAsFunction(_ id: ContainerID, _ resources: LinuxResources) async throws(DomainError) {
        guard let container = context.index.container(id) else {
            throw DomainError(.notFound, "container \(id) does not exist")
        }
        guard container.state == .created || container.state == .running else {
            throw DomainError(
                .failedPrecondition,
                "container \(id) is \(container.state.rawValue); only one that is created or running can be given other limits"
            )
        }
        context.index.learn(
            try await context.ports.engine.updateResources(resources, of: id, in: container.podID))
    }
}
