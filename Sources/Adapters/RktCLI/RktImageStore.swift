import Domain

/// The image store behind the engine's command line.
package struct RktImageStore: ImageStore {
    private let resolver: DialectResolver

    /// - Parameter engine: they share what is known of the binary.
    package init(engine: RktCLIEngine) { resolver = engine.resolver }

    package func list() async throws(DomainError) -> [Image] { try await resolver.dialect().images() }

    package func normalize(_ reference: String) throws(DomainError) -> String {
        ImageReference.isImageID(reference) ? reference : try ImageReference(reference).description
    }

    package func pull(
        _ reference: String, credentials: RegistryCredentials?, progress: @escaping @Sendable (PullProgress) -> Void
    ) async throws(DomainError) -> Image {
        try await resolver.dialect().pull(
            try ImageReference(reference), credentials: credentials, progress: progress)
    }

    package func remove(_ id: ImageID) async throws(DomainError) { try await resolver.dialect().removeImage(id) }

    package func usage() async throws(DomainError) -> (images: FilesystemUsage, containers: FilesystemUsage) {
        try await resolver.dialect().imageUsage()
    }
}
