import Domain

extension FieldPath {
    /// The pod that a request is about, nil for what cannot be the id of one: such a pod does not exist.
    package func podID(_ value: String) throws(DomainError) -> PodID? { PodID(try filled(value)) }

    /// The container that a request is about, nil for what cannot be the id of one: such a container does not exist.
    package func containerID(_ value: String) throws(DomainError) -> ContainerID? { ContainerID(try filled(value)) }

    /// The pod that has to exist.
    package func existingPodID(_ value: String) throws(DomainError) -> PodID {
        guard let id = try podID(value) else {
            throw DomainError(.notFound, "pod \(value.quotedForMessage) does not exist")
        }
        return id
    }

    /// The container that has to exist.
    package func existingContainerID(_ value: String) throws(DomainError) -> ContainerID {
        guard let id = try containerID(value) else {
            throw DomainError(.notFound, "container \(value.quotedForMessage) does not exist")
        }
        return id
    }
}
