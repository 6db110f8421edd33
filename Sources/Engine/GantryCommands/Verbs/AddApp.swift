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
        let request: JSON = [
            "op": "app-add", "name": .string(name.string), "config": config.json,
            "image": try lease.resolved(image).json,
            "imageMounts": .object(images),
        ]
        try context.callForApp(uuid, request)
        lease.release()
    }
}
