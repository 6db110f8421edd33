import ByteText
import GantryCore
import GantryImages
import JSON

/// Adds an app to a running pod.
struct AddApp: Verb, Equatable {
    static let title = "add"

    var context: EngineContext
    /// A UUID or its beginning.
    var pod: String
    var image: String
    var name: String
    /// A file, or - for standard input.
    var config: String?
    /// An archive to make it of; nil: it begins anew.
    var checkpoint: String?
    var flags = RktAppFlags()

    func perform() throws(EngineError) {
        let uuid = try context.store.resolve(pod)
        let name = try AppName(name)
        var config = if let config { try AppConfig(json: ConfigInput.read(config)) } else { AppConfig() }
        try flags.apply(to: &config)

        // Held until the supervisor has written down which layers the app uses.
        let mounted = config.mounts.map(\.image).filter { !$0.isEmpty }
        let lease = try ImageLease(ImageStore(dataDirectory: context.dir), of: [image] + mounted)
        var images: [String: JSON] = [:]
        for image in mounted { images[image] = try lease.resolved(image).json }
        var request: [String: JSON] = [
            "op": "app-add", "name": .string(name.string), "config": config.json,
            "image": try lease.resolved(image).json,
            "imageMounts": .object(images),
        ]
        if let checkpoint {
            try restore(checkpoint, try lease.resolved(image), uuid, &request)
        } else {
            try context.callForApp(uuid, .object(request))
        }
        lease.release()
    }

    /// What is unpacked is there until the supervisor has taken it.
    private func restore(
        _ archive: String, _ image: ImageLease.Resolved, _ uuid: PodUUID, _ request: inout [String: JSON]
    ) throws(EngineError) {
        let file = try CheckpointFile(archive)
        try CRIU.require(by: context.store.open(uuid).readConfig().ociRuntime)
        let unpacked = try UnpackedCheckpoint(file, over: image.layers, in: ImageStore(dataDirectory: context.dir))
        let base = unpacked.facts.imageID
        // Another runtime may have written another kind of reference there.
        guard !base.begins(with: "sha256:") || base.has(text: "@") || base.isSame(as: image.id.description) else {
            throw EngineError(
                .invalid,
                "checkpoint \(archive): is of the image \(base.onOneLine) (\(unpacked.facts.imageName.onOneLine)), and not of \(image.id): fetch that and add the app of it"
            )
        }
        request["restore"] = ["directory": .string(unpacked.path), "mounts": .array(unpacked.mounts.map(JSON.string))]
        try context.callForApp(uuid, .object(request))
        withExtendedLifetime(unpacked) {}
    }
}
