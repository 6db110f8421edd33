import ByteText
import Domain
import JSON

/// What the daemon must know of a container again after a restart, kept by the engine as the app's annotation.
struct ContainerAnnotation: Equatable {
    static let key = "io.rktlet.container"
    /// See `PodAnnotation.format`.
    static let format = 1

    var id: ContainerID
    var podID: PodID
    var imageID: ImageID
    /// By what the mount asked for.
    var mountImages: [ByteString: ImageID]
    var logPath: String
    var createdAt: Timestamp
    var config: ContainerConfig

    init(_ request: NewContainer) {
        id = request.id
        podID = request.podID
        imageID = request.image.id
        mountImages = request.mountImages
        logPath = request.logPath
        createdAt = request.createdAt
        config = request.config
    }

    var text: String {
        var document = JSONMembers()
        document.set("format", Self.format)
        document.set("id", id.rawValue)
        document.set("pod_id", podID.rawValue)
        document.set("image_id", imageID.rawValue)
        let pairs = mountImages.map { ($0.text, $1.rawValue) }.sorted { $0.0.precedes($1.0) }
        document.set("mount_images", pairs.map { JSON.array([.string($0), .string($1)]) })
        document.set("log_path", logPath)
        document.set("created_at", createdAt.nanoseconds)
        document.set("config", config.json)
        return document.json.serialized()
    }

    init(text: String) throws {
        let fields = try JSONFields(try JSON(parsing: text), path: Self.key)
        guard try fields.integer("format", as: Int.self) <= Self.format else {
            throw CodecError(path: "\(Self.key).format", expected: "at most \(Self.format): a newer rktlet wrote it")
        }
        guard let id = ContainerID(try fields.string("id")), let podID = PodID(try fields.string("pod_id")) else {
            throw CodecError(path: "\(Self.key).id", expected: "a container id with its pod's")
        }
        guard
            let config = try fields.object(
                "config", { (nested) throws(CodecError) in try ContainerConfig(fields: nested) })
        else { throw CodecError(path: "\(Self.key).config", expected: "there") }
        self.id = id
        self.podID = podID
        self.config = config
        imageID = ImageID(try fields.string("image_id"))
        mountImages = Dictionary(
            try fields.pairs("mount_images").map { (ByteString($0), ImageID($1)) },
            uniquingKeysWith: { first, _ in first })
        logPath = try fields.string("log_path")
        createdAt = Timestamp(nanoseconds: try fields.integer("created_at"))
    }
}
