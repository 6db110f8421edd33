import ByteText
import GantryCore
import JSON

/// A blob that a manifest names.
struct BlobDescriptor: Hashable, Sendable {
    let mediaType: String
    let digest: Digest
    let size: Int64
}

/// What a registry answers for a reference: one image, or a list of them by platform.
///
/// OCI manifests and indexes, and Docker's schema 2 of both. Docker's schema 1 has no config to identify an image by and is refused.
enum ImageManifest: Sendable {
    struct Image: Sendable {
        let config: BlobDescriptor
        let layers: [BlobDescriptor]
        let annotations: [String: String]
    }

    struct Entry: Sendable {
        let descriptor: BlobDescriptor
        let platform: ImagePlatform?
        /// Whether it says that it is something about another entry.
        var isAttestation = false
    }

    case image(Image)
    case index([Entry])

    init(
        parsing bytes: [UInt8], of title: String, _ limits: ImageLimits = .standard
    ) throws(EngineError) {
        let json: JSON
        do throws(JSONError) {
            json = try JSON(parsing: bytes, limits: limits.document(limits.manifestBytes))
        } catch {
            throw EngineError(.invalid, "\(title): its manifest is not JSON: \(error)")
        }
        guard json["schemaVersion"]?.int64Value == 2 else {
            throw EngineError(
                .unsupported, "\(title): its manifest is not of schema version 2; push it again with a current tool")
        }
        if let entries = json["manifests"]?.arrayValue {
            // Read by others as the one and here as the other, it would be two images of one digest (OCI image specification, "Image Index").
            guard json["config"]?.isNull ?? true, json["layers"]?.isNull ?? true else {
                throw EngineError(.invalid, "\(title): is an index and a manifest at once")
            }
            self = .index(try Self.entries(entries, of: title, limits))
        } else {
            self = .image(try Self.image(json, of: title, limits))
        }
    }

    private static func entries(
        _ list: [JSON], of title: String, _ limits: ImageLimits
    ) throws(EngineError) -> [Entry] {
        guard list.count <= limits.indexEntries else {
            throw EngineError.beyond(limits.indexEntries, "images in its index").prefixed(title)
        }
        var entries: [Entry] = []
        for json in list {
            let platform = json["platform"].flatMap { platform -> ImagePlatform? in
                // Docker's lists have the member always, and empty texts in it where nothing is known.
                guard let os = platform["os"]?.stringValue, !os.isEmpty,
                    let architecture = platform["architecture"]?.stringValue, !architecture.isEmpty
                else { return nil }
                return ImagePlatform(
                    os: os, architecture: architecture, variant: platform["variant"]?.stringValue ?? "")
            }
            let kind = json["annotations"]?["vnd.docker.reference.type"]?.stringValue ?? ""
            entries.append(
                Entry(
                    descriptor: try descriptor(json, named: "manifest", of: title), platform: platform,
                    isAttestation: !kind.isEmpty))
        }
        return entries
    }

    private static func image(_ json: JSON, of title: String, _ limits: ImageLimits) throws(EngineError) -> Image {
        // An empty list, as Go writes one that was never filled.
        guard let config = json["config"], let layers = json["layers"],
            let list = layers.isNull ? [] : layers.arrayValue
        else {
            throw EngineError(.unsupported, "\(title): its manifest has no config or no layers: not a container image")
        }
        guard list.count <= limits.layers else {
            throw EngineError(
                .unsupported, "\(title): has \(list.count) layers; at most \(limits.layers) can be mounted")
        }
        var descriptors: [BlobDescriptor] = []
        for layer in list { descriptors.append(try descriptor(layer, named: "layer", of: title)) }
        let configDescriptor = try descriptor(config, named: "config", of: title)
        guard configDescriptor.size <= Int64(limits.configBytes) else {
            throw EngineError.beyond(limits.configBytes, "bytes of configuration").prefixed(title)
        }
        return Image(
            config: configDescriptor, layers: descriptors,
            annotations: json["annotations"]?.stringMap ?? [:])
    }

    private static func descriptor(_ json: JSON, named what: String, of title: String) throws(EngineError)
        -> BlobDescriptor
    {
        guard let text = json["digest"]?.stringValue, let size = json["size"]?.int64Value, size >= 0 else {
            throw EngineError(.invalid, "\(title): its manifest has a \(what) without digest or size")
        }
        guard let digest = Digest(text) else {
            throw EngineError(
                .unsupported,
                "\(title): its manifest has a \(what) with the digest \(text.shortened(to: 100)); only sha256 is supported"
            )
        }
        return BlobDescriptor(mediaType: json["mediaType"]?.stringValue ?? "", digest: digest, size: size)
    }
}

extension JSON {
    /// An object's string members; other members are left out.
    var stringMap: [String: String]? { objectValue?.compactMapValues(\.stringValue) }
}

extension ImageLimits {
    /// For reading a manifest, index or configuration.
    func document(_ bytes: Int) -> JSONLimits {
        JSONLimits(maximumDepth: documentDepth, maximumSize: bytes, maximumValues: documentValues)
    }
}
