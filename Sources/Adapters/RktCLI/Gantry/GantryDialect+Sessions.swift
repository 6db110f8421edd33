import Domain

extension GantryDialect {
    func exec(
        _ command: [String], in container: ContainerID, of pod: PodID, streams: SessionStreams
    ) async throws(DomainError) -> any LiveSession {
        throw DomainError(.unimplemented, "container \(container): this engine has no exec sessions for a client")
    }

    func attach(
        to container: ContainerID, of pod: PodID, streams: SessionStreams
    ) async throws(DomainError) -> any LiveSession {
        throw DomainError(.unimplemented, "container \(container): this engine cannot be attached to")
    }

    func forward(into pod: PodID) async throws(DomainError) -> any PortForwarding {
        throw DomainError(.unimplemented, "pod \(pod): this engine has no port forwarding")
    }
}
