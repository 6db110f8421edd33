import Synchronization

/// Fetches an image.
///
/// What must always hold: pulls of one reference with the same credentials are one pull; its image is in every list once this has
/// returned, and not before it is whole and verified; when the last caller has left, the pull is cancelled and leaves nothing.
package struct PullImage: Sendable {
    package struct Key: Hashable, Sendable {
        var reference: String
        var credentials: RegistryCredentials?
    }

    package let flights = InFlight<Key, Bool, ImageID>(whenAbandoned: .cancel)
    private let board = ProgressBoard()
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// - Returns: the image's id, by which containers name it.
    /// - Throws: `invalidArgument` for an empty or malformed reference; what the registry or the store fails with.
    package func callAsFunction(
        _ reference: String, credentials: RegistryCredentials?
    ) async throws(DomainError) -> ImageID {
        guard !reference.isEmpty else { throw DomainError(.invalidArgument, "image.image: no image is named") }
        let key = Key(reference: try context.ports.images.normalize(reference), credentials: credentials)
        return try await flights.run(key) { () throws(DomainError) in
            defer { board.clear(key) }
            let image = try await context.ports.images.pull(key.reference, credentials: key.credentials) {
                board.note($0, of: key)
            }
            context.imageCache.insert(image)
            context.ports.diagnostics.note("image pulled", ["image": key.reference, "id": image.id.rawValue])
            return image.id
        }
    }
    /// How far the pull is that a call with the same arguments would join; nil when there is none, or nothing is known of it.
    package func progress(_ reference: String, credentials: RegistryCredentials?) -> PullProgress? {
        guard let reference = try? context.ports.images.normalize(reference) else { return nil }
        return board.progress(of: Key(reference: reference, credentials: credentials))
    }
}

/// What is known of the pulls that run.
private final class ProgressBoard: Sendable {
    private let entries = Mutex<[PullImage.Key: PullProgress]>([:])

    func note(_ progress: PullProgress, of key: PullImage.Key) { entries.withLock { $0[key] = progress } }

    func clear(_ key: PullImage.Key) { entries.withLock { $0[key] = nil } }

    func progress(of key: PullImage.Key) -> PullProgress? { entries.withLock { $0[key] } }
}
