/// One pod with its containers, as of one instant. From the index: no I/O.
package struct PodSandboxStatus: Sendable {
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// - Throws: `notFound`.
    package func callAsFunction(_ id: PodID) throws(DomainError) -> PodRecord {
        guard let record = context.index.record(of: id) else {
            throw DomainError(.notFound, "pod \(id) does not exist")
        }
        return record
    }
}
