/// What images and writable layers take on disk. Calls that overlap share one reading.
package struct ImageFsInfo: Sendable {
    package struct Usage: Sendable {
        var images: FilesystemUsage
        var containers: FilesystemUsage
    }

    package let flights = InFlight<Bool, Bool, Usage>(whenAbandoned: .cancel)
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    package func callAsFunction() async throws(DomainError) -> (images: FilesystemUsage, containers: FilesystemUsage) {
        let usage = try await flights.run(true) { () throws(DomainError) in
            let usage = try await context.ports.images.usage()
            return Usage(images: usage.images, containers: usage.containers)
        }
        return (usage.images, usage.containers)
    }
}
