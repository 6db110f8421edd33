/// Removes an image with all its tags, whichever of its names it is asked by.
///
/// What must always hold: an unknown image is removed already; containers made from it keep running; an image that a container is being
/// made from just now is refused, not pulled away. A pinned image goes like any other: a pin keeps the kubelet from asking by itself.
package struct RemoveImage: Sendable {
    package let flights = InFlight<ImageID, Bool, Bool>(whenAbandoned: .finish)
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// - Throws: `invalidArgument` for an empty or malformed reference; `failedPrecondition`; why it is still there.
    package func callAsFunction(_ reference: String) async throws(DomainError) {
        guard !reference.isEmpty else { throw DomainError(.invalidArgument, "image.image: no image is named") }
        guard let image = try await context.imageCache.resolve(reference) else { return }
        _ = try await flights.run(image.id) { () throws(DomainError) in
            try await remove(image.id, asked: reference)
            return true
        }
    }

    private func remove(_ id: ImageID, asked reference: String) async throws(DomainError) {
        guard context.imageCache.beginRemoval(id) else {
            throw DomainError(
                .failedPrecondition, "image \(reference) (\(id)): a container is being made from it just now; try again"
            )
        }
        var removed = false
        defer { context.imageCache.endRemoval(id, removed: removed) }
        try await context.ports.images.remove(id)
        removed = true
        context.ports.diagnostics.note("image removed", ["image": reference, "id": id.rawValue])
    }
}
