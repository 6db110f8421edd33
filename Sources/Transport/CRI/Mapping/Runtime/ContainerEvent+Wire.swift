import Domain

extension ContainerEvent {
    /// A deleted pod has the status that it had at the end: the kubelet reads from it whose it was.
    var wire: Runtime_V1_ContainerEventResponse {
        .with {
            $0.containerID = objectID
            $0.containerEventType = kind.wire
            $0.createdAt = at.nanoseconds
            if let pod { $0.podSandboxStatus = pod.wireStatus }
            $0.containersStatuses = containers.map(\.wireStatus)
        }
    }
}

extension ContainerEvent.Kind {
    fileprivate var wire: Runtime_V1_ContainerEventType {
        switch self {
        case .created: .containerCreatedEvent
        case .started: .containerStartedEvent
        case .stopped: .containerStoppedEvent
        case .deleted: .containerDeletedEvent
        }
    }
}
