import Domain

/// An image store whose calls are counted, pulls among them.
struct MeasuredImages: ImageStore {
    let store: any ImageStore
    let counters: CallCounters

    func list() async throws(DomainError) -> [Image] {
        try await counters.measure("list") { () throws(DomainError) in try await store.list() }
    }

    func normalize(_ reference: String) throws(DomainError) -> String { try store.normalize(reference) }

    func pull(
        _ reference: String, credentials: RegistryCredentials?, progress: @escaping @Sendable (PullProgress) -> Void
    ) async throws(DomainError) -> Image {
        try await counters.measure("pull") { () throws(DomainError) in
            try await store.pull(reference, credentials: credentials, progress: progress)
        }
    }

    func remove(_ id: ImageID) async throws(DomainError) {
        try await counters.measure("remove") { () throws(DomainError) in try await store.remove(id) }
    }

    func usage() async throws(DomainError) -> (images: FilesystemUsage, containers: FilesystemUsage) {
        try await counters.measure("usage") { () throws(DomainError) in try await store.usage() }
    }
}
