/// Has a container's log go on in a new file, after whoever rotates logs has moved the old one away.
///
/// What must always hold: of running containers only; no byte is lost or doubled; an error leaves the log as it was, and makes no file.
package struct ReopenContainerLog: Sendable {
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// - Throws: `notFound`; `failedPrecondition` unless it runs; why the file cannot be made.
    package func callAsFunction(_ id: ContainerID) async throws(DomainError) {
        guard let container = context.index.container(id) else {
            throw DomainError(.notFound, "container \(id) does not exist")
        }
        guard container.state == .running else {
            throw DomainError(
                .failedPrecondition,
                "container \(id) is \(container.state.rawValue); the log of a running container only can be reopened")
        }
        // One without a log has none to reopen.
        guard !container.logPath.isEmpty else { return }
        try await context.ports.engine.reopenLog(of: id, in: container.podID)
    }
}
