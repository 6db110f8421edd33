import Domain
import JSON

extension GantryDialect {
    func images() async throws(DomainError) -> [Image] {
        var images: [Image] = []
        // There may be ten thousand of them.
        try await call.elements(["image", "list"], [], about: "the images", timeout: settings.queryTimeout) {
            (json) throws(DomainError) in images.append(try image(json))
        }
        return images
    }

    func pull(
        _ reference: ImageReference, credentials: RegistryCredentials?,
        progress: @escaping @Sendable (PullProgress) -> Void
    ) async throws(DomainError) -> Image {
        let object = "image \(reference)"
        var arguments = ["--pull-policy=update", "--progress"]
        var file: String?
        if let credentials, let text = try RegistryAuthFile.text(for: reference, credentials) {
            let path = "\(settings.requestDirectory)/\(EngineSettings.credentialsPrefix)\(RandomName.make()).json"
            try PrivateFile.write(text, to: path)
            file = path
            arguments.append("--authfile=\(path)")
        }
        defer { file.map(PrivateFile.remove) }
        let json = try await call.json(
            ["image", "fetch"], arguments + ["docker://\(reference.source)"], about: object,
            // As long as it takes: the engine gives up when nothing comes any more.
            timeout: nil, more: settings.changeable().pullEnvironment
        ) { line in
            PullProgress(engineLine: line).map(progress)
        }
        return try image(json)
    }

    func removeImage(_ id: ImageID) async throws(DomainError) {
        try await unlessNotFound { () async throws(DomainError) in
            try await call.done(["image", "rm"], [id.rawValue], about: "image \(id)", timeout: settings.changeTimeout)
        }
    }

    func imageUsage() async throws(DomainError) -> (images: FilesystemUsage, containers: FilesystemUsage) {
        let object = "the image file system"
        let json = try await call.json(["image", "usage"], [], about: object, timeout: settings.queryTimeout)
        do throws(CodecError) {
            let fields = try JSONFields(json, path: "image usage")
            let images = try fields.object("images") { (nested) throws(CodecError) in try Self.usage(nested) }
            let containers = try fields.object("containers") { (nested) throws(CodecError) in try Self.usage(nested) }
            guard let images, let containers else { throw CodecError(path: "image usage", expected: "complete") }
            return (images, containers)
        } catch {
            throw DomainError(error, about: object)
        }
    }

    private static func usage(_ fields: JSONFields) throws(CodecError) -> FilesystemUsage {
        FilesystemUsage(
            timestamp: .now, mountpoint: try fields.string("mountpoint"), usedBytes: try fields.integer("used_bytes"),
            inodesUsed: try fields.integer("inodes_used"))
    }

    private func image(_ json: JSON) throws(DomainError) -> Image {
        do throws(CodecError) {
            let fields = try JSONFields(json, path: "image record")
            let id = try fields.string("id")
            guard !id.isEmpty else { throw CodecError(path: "image record.id", expected: "there") }
            let user = ImageUser(try fields.string("user"))
            return Image(
                id: ImageID(id), repoTags: try fields.strings("repo_tags"),
                repoDigests: try fields.strings("repo_digests"),
                size: try fields.integer("size"), uid: user.uid, username: user.name,
                annotations: try fields.stringMap("annotations"), pinned: try fields.bool("pinned"))
        } catch {
            throw DomainError(error, about: "image")
        }
    }
}
