/// The containers that exist, exited ones included, in no order. From the index: no I/O.
package struct ListContainers: Sendable {
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// - Parameter filter: fields are ANDed; the empty filter matches all.
    package func callAsFunction(_ filter: ContainerFilter = ContainerFilter()) -> [Container] {
        context.index.containers(filter)
    }
}
