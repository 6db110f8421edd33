import Domain
import JSON

/// What the daemon must know of a pod again after a restart, kept by the engine as the pod's annotation.
struct PodAnnotation: Equatable {
    static let key = "io.rktlet.pod"
    /// Counted up when a field changes its meaning; a reader takes what is not newer than itself.
    static let format = 1

    var id: PodID
    var createdAt: Timestamp
    var config: PodSandboxConfig

    var text: String {
        let document: JSON = [
            "format": .integer(Int64(Self.format)), "id": .string(id.rawValue),
            "created_at": .integer(createdAt.nanoseconds),
            "config": config.json,
        ]
        return document.serialized()
    }

    init(id: PodID, createdAt: Timestamp, config: PodSandboxConfig) {
        self.id = id
        self.createdAt = createdAt
        self.config = config
    }

    init(text: String) throws {
        let fields = try JSONFields(try JSON(parsing: text), path: Self.key)
        guard try fields.integer("format", as: Int.self) <= Self.format else {
            throw CodecError(path: "\(Self.key).format", expected: "at most \(Self.format): a newer rktlet wrote it")
        }
        guard let id = PodID(try fields.string("id")) else {
            throw CodecError(path: "\(Self.key).id", expected: "a pod id")
        }
        guard
            let config = try fields.object(
                "config", { (nested) throws(CodecError) in try PodSandboxConfig(fields: nested) })
        else { throw CodecError(path: "\(Self.key).config", expected: "there") }
        self.init(id: id, createdAt: Timestamp(nanoseconds: try fields.integer("created_at")), config: config)
    }
}
