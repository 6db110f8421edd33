import Domain
import HTTPTypes
import Hummingbird
import JSON
import RequestSyntax

/// Containers: what there is of them, and what they are told to do.
struct ContainerRoutes {
    /// Seconds of grace when a stop names none; the kubelet's default for a pod is more, a person's patience less.
    private static let defaultGrace: Int64 = 10
    private static let longestTimeout: Int64 = 100 * 365 * 86_400

    let useCases: UseCases
    private let all = KnownList<Container>()
    private var lookup: IDLookup { IDLookup(useCases: useCases) }

    init(useCases: UseCases) {
        self.useCases = useCases
    }

    static let states: KeyValuePairs<String, ContainerState> = [
        "CONTAINER_CREATED": .created, "CONTAINER_RUNNING": .running, "CONTAINER_EXITED": .exited,
        "CONTAINER_UNKNOWN": .unknown, "created": .created, "running": .running, "exited": .exited, "unknown": .unknown,
    ]

    func add(to table: inout RouteTable) {
        table.get("/v1/containers") { request, _ in try list(request) }
        table.get("/v1/containers/{container}") { request, context in try get(request, try container(context)) }
        table.delete("/v1/containers/{container}") { request, context in
            _ = try QueryReader(request.uri.query, known: [])
            try await useCases.removeContainer(try container(context))
            return .emptyMessage
        }
        table.post("/v1/containers/{container}/start") { request, context in
            _ = try QueryReader(request.uri.query, known: [])
            try await useCases.startContainer(try container(context))
            return .emptyMessage
        }
        table.post("/v1/containers/{container}/stop") { request, context in
            try await stop(request, try container(context))
        }
        table.post("/v1/containers/{container}/resources") { request, context in
            try await update(request, try container(context))
        }
        table.post("/v1/containers/{container}/checkpoint") { request, context in
            try await checkpoint(request, try container(context))
        }
        table.post("/v1/containers/{container}/exec") { request, context in
            try await exec(request, try container(context))
        }
    }

    private func container(_ context: GatewayContext) throws -> ContainerID {
        try lookup.container(try context.pathParameter("container"))
    }

    private func list(_ request: Request) throws -> Response {
        let query = try QueryReader(
            request.uri.query,
            known: ["state", "labelSelector", "podSandboxId", "namespace", "name", "verbose"])
        if query.isEmpty {
            return all.response("containers", version: useCases.indexVersion) {
                Self.newestFirst(useCases.listContainers())
            } _: { container, json in
                container.writeListItem(&json)
            }
        }
        var filter = ContainerFilter()
        filter.state = try query.choice("state", Self.states)
        let labels = try query.labels("labelSelector")
        if let pod = try query.filter("podSandboxId") { filter.podID = try lookup.pod(pod).rawValue }
        let (namespace, name, verbose) = (
            try query.nameFilter("namespace"), try query.nameFilter("name"), try query.flag("verbose")
        )
        var containers = useCases.listContainers(filter)
        containers.removeAll { !labels.matches($0.config.labels) }
        if let namespace {
            let pods = Set(
                useCases.listPodSandboxes().lazy.filter { $0.config.metadata.namespace == namespace }.map(\.id))
            containers.removeAll { !pods.contains($0.podID) }
        }
        if let name { containers.removeAll { $0.config.metadata.name != name } }
        return .jsonList(
            "containers", Self.newestFirst(containers)
        ) { container, json in
            guard verbose else { return container.writeListItem(&json) }
            json.object { json in
                json.member("podSandboxId", container.podID.rawValue)
                json.member("status") { container.writeStatus(&$0) }
                json.member("info") { container.writeInfo(&$0, verbose: true, environment: false) }
            }
        }
    }

    private static func newestFirst(_ containers: [Container]) -> [Container] {
        containers.sorted { ($1.createdAt, $1.id.rawValue) < ($0.createdAt, $0.id.rawValue) }
    }

    private func get(_ request: Request, _ id: ContainerID) throws -> Response {
        let query = try QueryReader(request.uri.query, known: ["verbose", "show"])
        let verbose = try query.flag("verbose")
        let environment = try query.choice("show", ["env": true]) ?? false
        let container = try useCases.containerStatus(id)
        return .json { json in
            json.object { json in
                json.member("status") { container.writeStatus(&$0) }
                json.member("info") { container.writeInfo(&$0, verbose: verbose, environment: environment) }
            }
        }
    }

    /// The grace is in the query (`?timeout=30`) or in the body, a `StopContainerRequest`.
    private func stop(_ request: Request, _ id: ContainerID) async throws -> Response {
        let query = try QueryReader(request.uri.query, known: ["timeout"])
        var reader = try MessageReader(
            try await RequestDocument.readIfPresent(request), at: FieldPath("", spelling: .json))
        let given = try reader.take("timeout")
        try checkID(&reader, id)
        try reader.finish()
        // What the body says must be right, also when the query says otherwise.
        var inBody: Int64?
        if let given {
            let seconds: Int64 = try WholeNumber.parse(given, at: FieldPath("timeout"))
            _ = try FieldPath("timeout").seconds(seconds)
            inBody = seconds
        }
        let seconds = try query.number("timeout", in: 0...Self.longestTimeout) ?? inBody ?? Self.defaultGrace
        try await useCases.stopContainer(id, grace: try FieldPath("timeout").seconds(seconds))
        return .emptyMessage
    }

    /// The body is an `UpdateContainerResourcesRequest`.
    private func update(_ request: Request, _ id: ContainerID) async throws -> Response {
        _ = try QueryReader(request.uri.query, known: [])
        let path = FieldPath("", spelling: .json)
        var reader = try MessageReader(try await RequestDocument.read(request), at: path)
        guard let linux = try reader.take("linux") else { throw path.field("linux").invalid("is missing") }
        _ = try path.field("annotations").keysWithoutNUL(try reader.stringMap("annotations"))
        try path.refuseWindows(try reader.take("windows") != nil)
        try checkID(&reader, id)
        try reader.finish()
        try await useCases.updateContainerResources(
            id, try LinuxResources.readChange(linux, at: path.field("linux")))
        return .emptyMessage
    }

    /// The body is a `CheckpointContainerRequest`.
    private func checkpoint(_ request: Request, _ id: ContainerID) async throws -> Response {
        _ = try QueryReader(request.uri.query, known: [])
        let path = FieldPath("", spelling: .json)
        var reader = try MessageReader(try await RequestDocument.read(request), at: path)
        let location = try path.field("location").absolutePath(try reader.string("location"))
        let timeout = try path.field("timeout").seconds(try reader.number("timeout"))
        try checkID(&reader, id)
        try reader.finish()
        try await useCases.checkpointContainer(id, to: location, timeout: timeout == .zero ? nil : timeout)
        return .emptyMessage
    }

    /// The body is an `ExecSyncRequest`; output is base64, as protobuf's JSON mapping has bytes.
    private func exec(_ request: Request, _ id: ContainerID) async throws -> Response {
        _ = try QueryReader(request.uri.query, known: [])
        let path = FieldPath("", spelling: .json)
        var reader = try MessageReader(try await RequestDocument.read(request), at: path)
        let timeout = try path.field("timeout").seconds(try reader.number("timeout"))
        let command = try CommandLine.parseFilled(try reader.strings("cmd"), at: path.field("cmd"))
        try checkID(&reader, id)
        try reader.finish()
        let result = try await useCases.execSync(command, in: id, timeout: timeout == .zero ? nil : timeout)
        return .json { json in
            json.object { json in
                json.member("stdout", JSONBytes.encode(result.stdout))
                json.member("stderr", JSONBytes.encode(result.stderr))
                json.member("exitCode", number: result.exitCode)
            }
        }
    }

    /// A whole message of the CRI names its container, too.
    private func checkID(_ reader: inout MessageReader, _ id: ContainerID) throws(DomainError) {
        let other = try reader.string("container_id")
        guard other.isEmpty || other == id.rawValue else {
            throw reader.path.field("container_id").invalid("names another container than the path")
        }
    }
}
