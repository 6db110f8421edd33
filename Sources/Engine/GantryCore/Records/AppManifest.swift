import JSON

/// What `app add` resolved, kept in `apps/<name>/app.json`: enough to make the app again, and what keeps its image in use.
package struct AppManifest: Equatable, Sendable {
    package struct Image: Equatable, Sendable {
        /// `sha256:` and the digest of the image's configuration.
        package var id: String
        /// What the caller named.
        package var name: String
        /// The image's configuration: its `config` object with `os` and `architecture` beside.
        package var config: JSON
        /// Absolute directories of the unpacked layers, base first.
        package var layers: [String]

        package init(id: String, name: String, config: JSON, layers: [String]) {
            self.id = id
            self.name = name
            self.config = config
            self.layers = layers
        }

        package init(json: JSON) throws(EngineError) {
            var reader = try ObjectReader(json, path: "image")
            id = try reader.string("id")
            name = try reader.string("name")
            config = reader.take("config") ?? .object([:])
            layers = try reader.absolutePaths("layers") ?? []
            guard !id.isEmpty else { throw reader.invalid("id", "is missing") }
        }

        package var json: JSON {
            .object(["id": .string(id), "name": .string(name), "config": config, "layers": .strings(layers)])
        }
    }

    package var name: AppName
    package var image: Image
    package var config: AppConfig
    /// Images that mounts show, by `mounts[].image` as given; they are in use too.
    package var imageMounts: [String: Image]

    package init(name: AppName, image: Image, config: AppConfig, imageMounts: [String: Image] = [:]) {
        self.name = name
        self.image = image
        self.config = config
        self.imageMounts = imageMounts
    }

    package init(json: JSON) throws(EngineError) {
        var reader = try ObjectReader(json, path: "app.json")
        name = try AppName(reader.string("name"))
        image = try Image(json: reader.take("image") ?? .null)
        config = try AppConfig(json: reader.take("config") ?? .null)
        imageMounts = [:]
        for (reference, value) in try reader.members("imageMounts") {
            imageMounts[reference] = try Image(json: value)
        }
    }

    package var json: JSON {
        .object([
            "name": .string(name.string), "image": image.json, "config": config.json,
            "imageMounts": .object(imageMounts.mapValues(\.json)),
        ])
    }
}
