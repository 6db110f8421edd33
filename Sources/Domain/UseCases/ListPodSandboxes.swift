/// The pods that are ready or not ready any more, in no order. From the index: no I/O.
package struct ListPodSandboxes: Sendable {
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// - Parameter filter: fields are ANDed; the empty filter matches all.
    package func callAsFunction(_ filter: PodSandboxFilter = PodSandboxFilter()) -> [PodSandbox] {
        context.index.pods(filter)
    }
}
