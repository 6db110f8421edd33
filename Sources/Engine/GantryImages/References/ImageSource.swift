import ByteText
import GantryCore

/// Where `image fetch` takes an image from.
package enum ImageSource: Hashable, Sendable {
    case registry(ImageReference)
    /// An OCI image layout: a directory, and the image's `org.opencontainers.image.ref.name` in it.
    case layout(path: String, name: String?)
    /// What `docker save` writes.
    case dockerArchive(path: String, name: String?)

    /// Reads `docker://REF`, `oci:PATH[:NAME]` or `docker-archive:PATH[:REF]`; a REF alone is one of a registry.
    package init(_ text: String) throws(EngineError) {
        if let reference = text.without(prefix: "docker://") {
            self = .registry(try ImageReference(String(reference)))
        } else if let rest = text.without(prefix: "oci:") {
            let (path, name) = try Self.place(rest, of: text)
            self = .layout(path: path, name: name)
        } else if let rest = text.without(prefix: "docker-archive:") {
            let (path, name) = try Self.place(rest, of: text)
            self = .dockerArchive(path: path, name: name)
        } else if !text.has(text: "://") {
            self = .registry(try ImageReference(text))
        } else {
            throw EngineError(
                .invalid,
                "image source \"\(text)\": must be docker://REFERENCE, oci:PATH[:NAME] or docker-archive:PATH[:REFERENCE]"
            )
        }
    }

    /// The path ends at its first colon, as skopeo has it.
    private static func place(_ rest: Substring, of text: String) throws(EngineError) -> (String, String?) {
        let (path, name) = rest.cut(at: ":") ?? (rest, "")
        guard path.isAbsolutePath else {
            throw EngineError(.invalid, "image source \"\(text)\": the path must be absolute")
        }
        return (String(path), name.isEmpty ? nil : String(name))
    }

    /// The name under which the image will be known; nil for a local image without one. A layout often names its images by a bare tag,
    /// which is no name of an image: there it takes a slash or a colon to be one.
    package var reference: ImageReference? {
        switch self {
        case .registry(let reference): return reference
        case .layout(_, let name):
            guard let name, name.has("/") || name.has(":") else { return nil }
            return try? ImageReference(name)
        case .dockerArchive(_, let name): return name.flatMap { try? ImageReference($0) }
        }
    }

    /// skopeo's name of the source.
    var location: String {
        switch self {
        case .registry(let reference): "docker://\(reference)"
        case .layout(let path, let name): name.map { "oci:\(path):\($0)" } ?? "oci:\(path)"
        case .dockerArchive(let path, let name): name.map { "docker-archive:\(path):\($0)" } ?? "docker-archive:\(path)"
        }
    }

    /// What errors call it.
    package var title: String {
        switch self {
        case .registry(let reference): "image \(reference)"
        default: "image \(location)"
        }
    }
}
