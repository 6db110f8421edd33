/// The image a reference or an id means now. From memory, once the first list was read.
package struct ImageStatus: Sendable {
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// - Returns: nil when it is not here, which is no error (CRI).
    /// - Throws: `invalidArgument` for an empty or malformed reference; why the store cannot be read.
    package func callAsFunction(_ reference: String) async throws(DomainError) -> Image? {
        guard !reference.isEmpty else { throw DomainError(.invalidArgument, "image.image: no image is named") }
        return try await context.imageCache.resolve(reference)
    }
}
