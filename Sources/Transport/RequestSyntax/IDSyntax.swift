import Domain

extension FieldPath {
    /// The pod that a request is about, nil when there is none: the text is neither an id nor the beginning of one.
    ///
    /// - Throws: `invalidArgument` for no text at all, and for the beginning of several ids.
    package func podID(_ value: String, among known: Identify) throws(DomainError) -> PodID? {
        try single(known.pod(try filled(value)), value)
    }

    /// The container that a request is about, nil when there is none: the text is neither an id nor the beginning of one.
    ///
    /// - Throws: `invalidArgument` for no text at all, and for the beginning of several ids.
    package func containerID(_ value: String, among known: Identify) throws(DomainError) -> ContainerID? {
        try single(known.container(try filled(value)), value)
    }

    /// The pod that has to exist.
    package func existingPodID(_ value: String, among known: Identify) throws(DomainError) -> PodID {
        guard let id = try podID(value, among: known) else {
            throw DomainError(.notFound, "pod \(value.quotedForMessage) does not exist")
        }
        return id
    }

    /// The container that has to exist.
    package func existingContainerID(_ value: String, among known: Identify) throws(DomainError) -> ContainerID {
        guard let id = try containerID(value, among: known) else {
            throw DomainError(.notFound, "container \(value.quotedForMessage) does not exist")
        }
        return id
    }

    private func single<Kind>(_ match: IDMatch<ObjectID<Kind>>, _ text: String) throws(DomainError) -> ObjectID<Kind>? {
        switch match {
        case .one(let id): return id
        case .none: return nil
        case .several(let ids):
            throw invalid(IDMatch<ObjectID<Kind>>.ambiguity(text.quotedForMessage, ids.map(\.rawValue)))
        }
    }
}

extension ContainerFilter {
    /// The filter with whole ids in place of the beginnings of ids; what is no beginning of one stays, and matches nothing.
    package func resolved(among known: Identify, at path: FieldPath = FieldPath("filter")) throws(DomainError) -> Self {
        var filter = self
        if !id.isEmpty { filter.id = try path.field("id").containerID(id, among: known)?.rawValue ?? id }
        if !podID.isEmpty {
            filter.podID = try path.field("pod_sandbox_id").podID(podID, among: known)?.rawValue ?? podID
        }
        return filter
    }
}

extension PodSandboxFilter {
    /// The filter with a whole id in place of the beginning of one; what is no beginning of one stays, and matches nothing.
    package func resolved(among known: Identify, at path: FieldPath = FieldPath("filter")) throws(DomainError) -> Self {
        var filter = self
        if !id.isEmpty { filter.id = try path.field("id").podID(id, among: known)?.rawValue ?? id }
        return filter
    }
}
