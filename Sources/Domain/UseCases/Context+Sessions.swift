extension UseCases.Context {
    /// - Parameter what: what is done in running containers, for the refusal.
    /// - Throws: `notFound`, `failedPrecondition` unless it runs.
    func runningContainer(_ id: ContainerID, to what: String) throws(DomainError) -> Container {
        guard let container = index.container(id) else {
            throw DomainError(.notFound, "container \(id) does not exist")
        }
        guard container.state == .running else {
            throw DomainError(
                .failedPrecondition,
                "container \(id) is \(container.state.rawValue); \(what) in running containers only")
        }
        return container
    }
}

extension SessionStreams {
    /// - Throws: `invalidArgument` for no stream at all, and for a terminal with two outputs.
    func check() throws(DomainError) {
        guard stdin || stdout || stderr else {
            throw DomainError(.invalidArgument, "stdin, stdout, stderr: at least one of them must be asked for")
        }
        guard terminal == .none || !stderr else {
            throw DomainError(.invalidArgument, "stderr: a terminal (tty) has one output, which is stdout")
        }
    }
}
