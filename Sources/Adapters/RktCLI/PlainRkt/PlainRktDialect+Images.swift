import ByteText
import ChildProcess
import Domain
import JSON

extension PlainRktDialect {
    func images() async throws(DomainError) -> [Image] {
        let object = "the images"
        let verb = ["image", "list"]
        let result = try await command.run(
            verb, ["--full", "--format=json"], about: object, timeout: settings.queryTimeout)
        guard result.succeeded else { throw command.plainFailure(result, verb, about: object) }
        let list = try command.json(of: result, verb, about: object).arrayValue ?? []
        var images: [Image] = []
        for json in list {
            let image: Image
            do throws(CodecError) { image = try Self.image(json) } catch { throw DomainError(error, about: object) }
            if let named = try await named(image) { images.append(named) }
        }
        return images
    }

    /// The image by the names that it was asked for; nil for rkt's own, which no client may see or remove.
    private func named(_ image: Image) async throws(DomainError) -> Image? {
        let names = imageNames.names(of: image.id)
        guard !names.isEmpty else { return try await isStage1(image) ? nil : image }
        var image = image
        image.repoTags = names.filter { !$0.has("@") }
        image.repoDigests = names.filter { $0.has("@") }
        return image
    }

    /// A stage 1 says in its manifest how a pod is run with it; what the daemon pulled is none.
    private func isStage1(_ image: Image) async throws(DomainError) -> Bool {
        if let known = stage1.isStage1(image.id) { return known }
        guard let manifest = try? await manifest(of: image.id) else {
            return image.repoTags.contains { $0.begins(with: "coreos.com/rkt/stage1-") }
        }
        let names = (manifest["annotations"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        let answer = names.contains { $0.begins(with: "coreos.com/rkt/stage1/") }
        stage1.learn(image.id, answer)
        return answer
    }

    private func manifest(of id: ImageID) async throws(DomainError) -> JSON {
        let verb = ["image", "cat-manifest"]
        let about = "image \(id)"
        let result = try await command.run(verb, [id.rawValue], about: about, timeout: settings.queryTimeout)
        guard result.succeeded else { throw command.plainFailure(result, verb, about: about) }
        return try command.json(of: result, verb, about: about)
    }

    /// What the image says of the containers that are made of it.
    func config(of id: ImageID) async throws(DomainError) -> RktImageConfig {
        if let known = imageConfigs.config(of: id) { return known }
        let config = RktImageConfig(manifest: try await manifest(of: id))
        imageConfigs.learn(config, of: id)
        return config
    }

    /// rkt keeps neither digests nor the image's user. A name without a tag is one that was fetched by digest.
    private static func image(_ json: JSON) throws(CodecError) -> Image {
        let fields = try JSONFields(json, path: "image")
        let id = try fields.string("id")
        guard !id.isEmpty else { throw CodecError(path: "image.id", expected: "there") }
        let name = try fields.string("name")
        let tags = name.lastPathComponent.has(":") ? [(try? ImageReference(name)).map(\.description) ?? name] : []
        return Image(id: ImageID(id), repoTags: tags, repoDigests: [], size: try fields.integer("size"))
    }

    /// rkt draws its progress for people; there is nothing to read.
    func pull(
        _ reference: ImageReference, credentials: RegistryCredentials?,
        progress: @escaping @Sendable (PullProgress) -> Void
    ) async throws(DomainError) -> Image {
        let object = "image \(reference)"
        if let credentials, try RegistryAuthFile.text(for: reference, credentials) != nil {
            throw DomainError(.invalidArgument, "auth: rkt 1.30 takes credentials from its own configuration only")
        }
        let verb = ["image", "fetch"]
        let result = try await command.run(
            // rkt knows signatures of its own format only: without this it takes no image of a registry. TLS is verified all the same.
            verb, ["--insecure-options=image", "--pull-policy=update", "--full", "docker://\(reference.source)"],
            about: object, timeout: nil, more: settings.changeable().pullEnvironment)
        guard result.succeeded else {
            throw RktFetchFailure(lastLine: result.lastErrorLine)
                .error(command.plainFailure(result, verb, about: object).message)
        }
        let id = ImageID(result.outputText.words(at: "\n").last.map(String.init) ?? "")
        guard ImageReference.isImageID(id.rawValue) else {
            throw DomainError(
                .internal, "\(object): rkt fetched it and printed no id, but \"\(id.rawValue.shortened(to: 100))\"")
        }
        try imageNames.add(reference, to: id)
        if let image = try await images().first(where: { $0.id == id }) { return image }
        throw DomainError(.internal, "\(object): rkt fetched it, but does not list it as \"\(id)\"")
    }

    /// rkt exits with 0 for an image that is not there.
    func removeImage(_ id: ImageID) async throws(DomainError) {
        guard stage1.isStage1(id) != true else {
            throw DomainError(.failedPrecondition, "image \(id) is what rkt runs pods with")
        }
        let verb = ["image", "rm"]
        let result = try await command.run(verb, [id.rawValue], about: "image \(id)", timeout: settings.changeTimeout)
        guard result.succeeded else { throw command.plainFailure(result, verb, about: "image \(id)") }
        imageNames.forget(id)
    }

    /// What rkt's own records add up to; it counts no inodes and no writable layers.
    func imageUsage() async throws(DomainError) -> (images: FilesystemUsage, containers: FilesystemUsage) {
        let used = try await images().map(\.size).saturatingSum
        func usage(_ bytes: UInt64) -> FilesystemUsage {
            FilesystemUsage(timestamp: .now, mountpoint: settings.dataDirectory, usedBytes: bytes, inodesUsed: 0)
        }
        return (usage(used), usage(0))
    }
}
