/// The images of this node, in no order. From memory, once the first list was read.
package struct ListImages: Sendable {
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// - Parameter reference: only the image this means; empty for all.
    /// - Throws: `invalidArgument` for a malformed reference; why the store cannot be read.
    package func callAsFunction(_ reference: String = "") async throws(DomainError) -> [Image] {
        if reference.isEmpty { return try await context.imageCache.images() }
        return try await context.imageCache.resolve(reference).map { [$0] } ?? []
    }
}
