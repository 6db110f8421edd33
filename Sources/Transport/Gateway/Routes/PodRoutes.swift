import CallRecords
import Domain
import HTTPTypes
import Hummingbird
import JSON
import RequestSyntax

/// Pods, and the making of containers in them.
struct PodRoutes {
    let useCases: UseCases
    private let all = KnownList<PodSandbox>()
    private var lookup: IDLookup { IDLookup(useCases: useCases) }

    init(useCases: UseCases) {
        self.useCases = useCases
    }

    static let states: KeyValuePairs<String, PodSandboxState> = [
        "SANDBOX_READY": .ready, "SANDBOX_NOTREADY": .notReady, "ready": .ready, "notready": .notReady,
    ]

    func add(to table: inout RouteTable) {
        table.get("/v1/pods") { request, _ in try list(request) }
        table.post("/v1/pods") { request, _ in try await create(request) }
        table.get("/v1/pods/{pod}") { request, context in try get(request, try pod(context)) }
        table.delete("/v1/pods/{pod}") { request, context in
            _ = try QueryReader(request.uri.query, known: [])
            try await useCases.removePodSandbox(try pod(context))
            return .emptyMessage
        }
        table.post("/v1/pods/{pod}/stop") { request, context in
            _ = try QueryReader(request.uri.query, known: [])
            try await useCases.stopPodSandbox(try pod(context))
            return .emptyMessage
        }
        table.post("/v1/pods/{pod}/resources") { request, context in
            try await update(request, try pod(context))
        }
        table.post("/v1/pods/{pod}/containers") { request, context in
            try await createContainer(request, in: try pod(context))
        }
    }

    private func pod(_ context: GatewayContext) throws -> PodID {
        try lookup.pod(try context.pathParameter("pod"))
    }

    private func list(_ request: Request) throws -> Response {
        let query = try QueryReader(
            request.uri.query, known: ["state", "labelSelector", "namespace", "name", "verbose"])
        if query.isEmpty {
            return all.response("items", version: useCases.indexVersion) {
                Self.newestFirst(useCases.listPodSandboxes())
            } _: { pod, json in
                pod.writeListItem(&json)
            }
        }
        var filter = PodSandboxFilter()
        filter.state = try query.choice("state", Self.states)
        let labels = try query.labels("labelSelector")
        let (namespace, name, verbose) = (
            try query.nameFilter("namespace"), try query.nameFilter("name"), try query.flag("verbose")
        )
        let pods = useCases.listPodSandboxes(filter).filter { pod in
            labels.matches(pod.config.labels) && (namespace == nil || pod.config.metadata.namespace == namespace)
                && (name == nil || pod.config.metadata.name == name)
        }
        return .jsonList("items", Self.newestFirst(pods)) { pod, json in
            guard verbose else { return pod.writeListItem(&json) }
            json.object { json in
                json.member("status") { pod.writeStatus(&$0) }
                json.member("info") { pod.writeInfo(&$0) }
            }
        }
    }

    private static func newestFirst(_ pods: [PodSandbox]) -> [PodSandbox] {
        pods.sorted { ($1.createdAt, $1.id.rawValue) < ($0.createdAt, $0.id.rawValue) }
    }

    private func get(_ request: Request, _ id: PodID) throws -> Response {
        let verbose = try QueryReader(request.uri.query, known: ["verbose"]).flag("verbose")
        // Before the reading: the statuses are at least as new as the time they carry.
        let now = useCases.now
        let record = try useCases.podSandboxStatus(id)
        return .json { json in
            json.object { json in
                json.member("status") { record.pod.writeStatus(&$0) }
                json.member("info") { json in
                    if verbose { record.pod.writeInfo(&json) } else { json.object { _ in } }
                }
                json.member("containersStatuses") { json in json.array(record.containers) { $1.writeStatus(&$0) } }
                json.member("timestamp", quoted: now.nanoseconds)
            }
        }
    }

    /// The body is a `RunPodSandboxRequest`, or the `PodSandboxConfig` alone, as crictl's files are.
    private func create(_ request: Request) async throws -> Response {
        let query = try QueryReader(request.uri.query, known: ["runtimeHandler"])
        let json = try await RequestDocument.read(request)
        let root = FieldPath("", spelling: .json)
        var (config, handler) = (json, "")
        if json["config"] != nil {
            var reader = try MessageReader(json, at: root)
            config = try reader.take("config") ?? .null
            handler = try reader.string("runtime_handler")
            try reader.finish()
        }
        handler = try query.text("runtimeHandler") ?? handler
        let pod = try PodSandboxConfig.read(config, runtimeHandler: handler, at: root.field("config"))
        RecordedCall.current?.making("\(pod.metadata.namespace)/\(pod.metadata.name)")
        let id = try await useCases.runPodSandbox(pod)
        RecordedCall.current?.concerns(pod: id.rawValue)
        return .json(.created, headers: [.location: "/v1/pods/\(id)"]) { json in
            json.object { $0.member("podSandboxId", id.rawValue) }
        }
    }

    /// The body is a `CreateContainerRequest`, or the `ContainerConfig` alone. The pod's own config is the one it was made with; the copy in
    /// the request is not needed.
    private func createContainer(_ request: Request, in pod: PodID) async throws -> Response {
        _ = try QueryReader(request.uri.query, known: [])
        let json = try await RequestDocument.read(request)
        let root = FieldPath("", spelling: .json)
        var config = json
        if json["config"] != nil {
            var reader = try MessageReader(json, at: root)
            config = try reader.take("config") ?? .null
            let other = try reader.string("pod_sandbox_id")
            guard other.isEmpty || other == pod.rawValue else {
                throw root.field("pod_sandbox_id").invalid("names another pod than the path")
            }
            _ = try reader.take("sandbox_config")
            try reader.finish()
        }
        let container = try ContainerConfig.read(config, at: root.field("config"))
        RecordedCall.current?.making(container.metadata.name)
        let id = try await make(container, in: pod)
        RecordedCall.current?.concerns(container: id.rawValue)
        return .json(.created, headers: [.location: "/v1/containers/\(id)"]) { json in
            json.object { $0.member("containerId", id.rawValue) }
        }
    }

    /// The body is an `UpdatePodSandboxResourcesRequest`.
    private func update(_ request: Request, _ id: PodID) async throws -> Response {
        _ = try QueryReader(request.uri.query, known: [])
        let path = FieldPath("", spelling: .json)
        var reader = try MessageReader(try await RequestDocument.read(request), at: path)
        var parts: [LinuxResources] = []
        for name in ["resources", "overhead"] {
            let json = try reader.take(name) ?? .object([:])
            parts.append(try LinuxResources.read(json, at: path.field(name)))
        }
        let other = try reader.string("pod_sandbox_id")
        guard other.isEmpty || other == id.rawValue else {
            throw path.field("pod_sandbox_id").invalid("names another pod than the path")
        }
        try reader.finish()
        try await useCases.updatePodSandboxResources(id, resources: parts[0], overhead: parts[1])
        return .emptyMessage
    }

    /// 404 is of the path, whose pod may well be there: what else is not (an image, another container) is 409.
    private func make(_ config: ContainerConfig, in pod: PodID) async throws -> ContainerID {
        do {
            return try await useCases.createContainer(config, in: pod)
        } catch {
            guard error.code == .notFound else { throw error }
            _ = try useCases.podSandboxStatus(pod)
            throw Problem(.conflict, code: error.code.rawValue, error.message)
        }
    }
}

extension GatewayContext {
    /// A part of the path, decoded.
    func pathParameter(_ name: String) throws -> String {
        guard let text = parameters.get(name), let decoded = PercentText.decode(text[...]) else {
            throw Problem(.badRequest, code: "badPath", "the path has a bad escape")
        }
        return decoded
    }
}
