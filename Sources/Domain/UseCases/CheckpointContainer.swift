/// Writes a running container's processes and files into an archive, of which a container can be made anew. It goes on running.
///
/// What must always hold: of running containers only; the archive is there whole, or nothing of it; the container is as it was, also after an
/// error, and when the caller has left.
package struct CheckpointContainer: Sendable {
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// - Parameters:
    ///   - archive: absolute; a file that is there is replaced.
    ///   - timeout: nil: the engine's own, two minutes.
    /// - Throws: `notFound`; `failedPrecondition` unless it runs, by a runtime that can checkpoint; `deadlineExceeded`; why the archive cannot be
    ///   written.
    package func callAsFunction(
        _ id: ContainerID, to archive: String, timeout: Duration?
    ) async throws(DomainError) {
        guard let container = context.index.container(id) else {
            throw DomainError(.notFound, "container \(id) does not exist")
        }
        guard container.state == .running else {
            throw DomainError(
                .failedPrecondition,
                "container \(id) is \(container.state.rawValue); only one that runs can be checkpointed")
        }
        try await context.ports.engine.checkpoint(id, in: container.podID, to: archive, timeout: timeout)
    }
}
