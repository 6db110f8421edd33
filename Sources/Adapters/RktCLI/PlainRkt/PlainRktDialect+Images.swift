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
        do throws(CodecError) {
            for json in list { images.append(try Self.image(json)) }
        } catch {
            throw DomainError(error, about: object)
        }
        return images
    }

    /// rkt keeps neither digests nor the image's user.
    private static func image(_ json: JSON) throws(CodecError) -> Image {
        let fields = try JSONFields(json, path: "image")
        let id = try fields.string("id")
        guard !id.isEmpty else { throw CodecError(path: "image.id", expected: "there") }
        let name = try fields.string("name")
        let tag = (try? ImageReference(name)).map(\.description) ?? name
        return Image(id: ImageID(id), repoTags: [tag], repoDigests: [], size: try fields.integer("size"))
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
            verb, ["--pull-policy=update", "--full", "docker://\(reference.source)"], about: object,
            timeout: nil, more: settings.changeable().pullEnvironment)
        guard result.succeeded else {
            let failure = command.plainFailure(result, verb, about: object)
            throw DomainError(.unavailable, "RegistryUnavailable: \(failure.message)")
        }
        let id = result.outputText.words(at: "\n").last.map(String.init) ?? ""
        if let image = try await images().first(where: { $0.id.rawValue.isSame(as: id) }) { return image }
        throw DomainError(.internal, "\(object): rkt fetched it, but does not list it as \"\(id.shortened(to: 100))\"")
    }

    /// rkt exits with 0 for an image that is not there.
    func removeImage(_ id: ImageID) async throws(DomainError) {
        let verb = ["image", "rm"]
        let result = try await command.run(verb, [id.rawValue], about: "image \(id)", timeout: settings.changeTimeout)
        guard result.succeeded else { throw command.plainFailure(result, verb, about: "image \(id)") }
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
