import GRPCCore

/// The object that a request is about, for the record of its call: an id or a reference as it came, and the name of what is to be made.
/// Nothing else of a request is looked at.
enum RequestObjects {
    struct Names: Sendable {
        var object = ""
        var pod = ""
        var container = ""
        var name = ""

        static func pod(_ id: String, making name: String = "") -> Names { Names(object: id, pod: id, name: name) }

        static func container(_ id: String) -> Names { Names(object: id, container: id) }
    }

    /// By the messages' types; a request that names no object has no entry.
    private static let readers: [ObjectIdentifier: @Sendable (Any) -> Names] = Dictionary(uniqueKeysWithValues: [
        entry(Runtime_V1_RunPodSandboxRequest.self) {
            Names(name: $0.config.metadata.namespace + "/" + $0.config.metadata.name)
        },
        entry(Runtime_V1_CreateContainerRequest.self) {
            .pod($0.podSandboxID, making: $0.config.metadata.name)
        },
        entry(Runtime_V1_StopPodSandboxRequest.self) { .pod($0.podSandboxID) },
        entry(Runtime_V1_RemovePodSandboxRequest.self) { .pod($0.podSandboxID) },
        entry(Runtime_V1_PodSandboxStatusRequest.self) { .pod($0.podSandboxID) },
        entry(Runtime_V1_PodSandboxStatsRequest.self) { .pod($0.podSandboxID) },
        entry(Runtime_V1_UpdatePodSandboxResourcesRequest.self) { .pod($0.podSandboxID) },
        entry(Runtime_V1_PortForwardRequest.self) { .pod($0.podSandboxID) },
        entry(Runtime_V1_StartContainerRequest.self) { .container($0.containerID) },
        entry(Runtime_V1_StopContainerRequest.self) { .container($0.containerID) },
        entry(Runtime_V1_RemoveContainerRequest.self) { .container($0.containerID) },
        entry(Runtime_V1_ContainerStatusRequest.self) { .container($0.containerID) },
        entry(Runtime_V1_ContainerStatsRequest.self) { .container($0.containerID) },
        entry(Runtime_V1_UpdateContainerResourcesRequest.self) { .container($0.containerID) },
        entry(Runtime_V1_ReopenContainerLogRequest.self) { .container($0.containerID) },
        entry(Runtime_V1_ExecSyncRequest.self) { .container($0.containerID) },
        entry(Runtime_V1_ExecRequest.self) { .container($0.containerID) },
        entry(Runtime_V1_AttachRequest.self) { .container($0.containerID) },
        entry(Runtime_V1_CheckpointContainerRequest.self) { .container($0.containerID) },
        entry(Runtime_V1_PullImageRequest.self) { Names(object: $0.image.image) },
        entry(Runtime_V1_RemoveImageRequest.self) { Names(object: $0.image.image) },
        entry(Runtime_V1_ImageStatusRequest.self) { Names(object: $0.image.image) },
    ])

    /// Nil when requests of this type name no object.
    static func reader<Message>(of type: Message.Type) -> (@Sendable (Any) -> Names)? {
        readers[ObjectIdentifier(type)]
    }

    private static func entry<Message>(
        _ type: Message.Type, _ read: @escaping @Sendable (Message) -> Names
    ) -> (ObjectIdentifier, @Sendable (Any) -> Names) {
        (ObjectIdentifier(type), { ($0 as? Message).map(read) ?? Names() })
    }

    /// RPCs that change something: what is left of them in the record is not pushed out by those that only ask.
    private static let changes: Set<String> = [
        "RunPodSandbox", "StopPodSandbox", "RemovePodSandbox", "UpdatePodSandboxResources", "CreateContainer",
        "StartContainer", "StopContainer", "RemoveContainer", "UpdateContainerResources", "ReopenContainerLog",
        "CheckpointContainer", "CheckpointPod", "RestorePod", "PullImage", "RemoveImage", "UpdateRuntimeConfig", "Exec",
        "Attach", "PortForward",
    ]

    /// Probes run by `ExecSync`, many a second on a full node: those that go well are routine as lists are.
    static func onlyAsks(_ method: String) -> Bool { !changes.contains(method) }
}
