/// Runs a command in a running container and returns what it printed and its exit code.
///
/// What must always hold: the output is bounded, and what is over is read and dropped; at the deadline the whole process tree is dead.
package struct ExecSync: Sendable {
    /// Bytes of both streams together: a gRPC message is 16 MiB at most, and the rest of it needs room.
    package static let outputLimit = 16 * 1024 * 1024 - 64 * 1024

    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// - Parameter timeout: nil or zero for none.
    /// - Throws: `notFound`; `failedPrecondition` unless it runs; `invalidArgument`; `deadlineExceeded` past the timeout.
    package func callAsFunction(
        _ command: [String], in id: ContainerID, timeout: Duration?
    ) async throws(DomainError) -> ExecResult {
        guard let executable = command.first, !executable.isEmpty else {
            throw DomainError(.invalidArgument, "cmd: a command to run in container \(id) is missing")
        }
        if let timeout, timeout < .zero {
            throw DomainError(.invalidArgument, "timeout: \(timeout) is negative; 0 means none")
        }
        let container = try context.runningContainer(id, to: "commands run")
        return try await context.ports.exec.execSync(
            command, in: id, of: container.podID, timeout: timeout == .zero ? nil : timeout,
            outputLimit: Self.outputLimit)
    }
}
