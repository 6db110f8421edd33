/// One container. From the index: no I/O.
package struct ContainerStatus: Sendable {
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// - Throws: `notFound`.
    package func callAsFunction(_ id: ContainerID) throws(DomainError) -> Container {
        guard let container = context.index.container(id) else {
            throw DomainError(.notFound, "container \(id) does not exist")
        }
        return container
    }
}
