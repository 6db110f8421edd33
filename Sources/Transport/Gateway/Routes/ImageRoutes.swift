import CallRecords
import Domain
import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import RequestSyntax

/// Images: what there is of them, pulling and removing.
struct ImageRoutes {
    private static let lines = "application/x-ndjson"

    let useCases: UseCases
    private let places = StreamPlaces("pulls", most: 128)

    init(useCases: UseCases) {
        self.useCases = useCases
    }

    func add(to table: inout RouteTable) {
        table.get("/v1/images") { request, _ in try await list(request) }
        table.post("/v1/images") { request, context in try await pull(request, context) }
        table.get("/v1/images/{image}") { request, context in try await get(request, context) }
        table.delete("/v1/images/{image}") { request, context in
            _ = try QueryReader(request.uri.query, known: [])
            try await useCases.removeImage(try await image(context))
            return .emptyMessage
        }
        table.get("/v1/imagefs") { request, _ in
            _ = try QueryReader(request.uri.query, known: [])
            let usage = try await useCases.imageFsInfo()
            return .json { json in
                json.object { json in
                    json.member("imageFilesystems") { json in json.array([usage.images]) { $1.write(&$0) } }
                    json.member("containerFilesystems") { json in json.array([usage.containers]) { $1.write(&$0) } }
                }
            }
        }
    }

    private func image(_ context: GatewayContext) async throws -> String {
        try await IDLookup(useCases: useCases).image(try context.pathParameter("image"))
    }

    private func list(_ request: Request) async throws -> Response {
        let query = try QueryReader(request.uri.query, known: ["image", "name"])
        let name = try query.filter("name")
        let images = try await useCases.listImages(try query.text("image") ?? "").filter { image in
            name.map { name in (image.repoTags + image.repoDigests).contains { $0.contains(name) } } ?? true
        }
        return .jsonList("images", images.sorted { $0.id.rawValue < $1.id.rawValue }) { $0.write(&$1) }
    }

    /// Of an image that is not here, the CRI answers nothing; a path that leads nowhere is 404.
    private func get(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let verbose = try QueryReader(request.uri.query, known: ["verbose"]).flag("verbose")
        let name = try await image(context)
        guard let image = try await useCases.imageStatus(name) else {
            throw DomainError(.notFound, "image \(name.quotedForMessage) is not on this node")
        }
        return .json { json in
            json.object { json in
                json.member("image") { image.write(&$0) }
                json.member("info") { json in if verbose { image.writeInfo(&json) } else { json.object { _ in } } }
            }
        }
    }

    /// The body is a `PullImageRequest`.
    private func pull(_ request: Request, _ context: GatewayContext) async throws -> Response {
        _ = try QueryReader(request.uri.query, known: [])
        let root = FieldPath("", spelling: .json)
        var reader = try MessageReader(try await RequestDocument.read(request), at: root)
        let image = try reader.message("image", ImageSpec.read)
        let credentials = try reader.message("auth", RegistryCredentials.read) ?? nil
        _ = try reader.take("sandbox_config")
        // First what is there and means nothing: it may be what is missing, misspelled.
        try reader.finish()
        guard let reference = image?.image else { throw root.field("image").invalid("is missing") }
        RecordedCall.current?.about(reference)
        let place = try places.take()
        defer { withExtendedLifetime(place) {} }
        if request.headers[.accept]?.contains(Self.lines) == true {
            let pull = PullLines(useCases: useCases, reference: reference, credentials: credentials)
            return Response(
                status: .ok, headers: [.contentType: Self.lines],
                body: PulledBody.make({ pull.lines() }, to: context.client, holding: place))
        }
        let id = try await useCases.pullImage(reference, credentials: credentials)
        return .json { json in json.object { $0.member("imageRef", id.rawValue) } }
    }
}
