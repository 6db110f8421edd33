import GantryCore
import JSON

/// An image of the store, as `images.json` holds it.
package struct StoredImage: Equatable, Sendable {
    /// The digest of its configuration.
    package let id: Digest
    /// The digest of the manifest it was pulled by, of its platform.
    package let manifest: Digest
    /// Diff ids, base first.
    package let layers: [Digest]
    /// Bytes that its layers take of the disk, unpacked, and its configuration; never 0.
    package let size: Int64
    /// As the configuration says.
    package let user: String
    package var labels: [String: String]
    package var annotations: [String: String]
    /// What it has more of than is kept here.
    package var omitted = Omitted()
    /// What its configuration says it is made for; nil where it says nothing.
    package let platform: ImagePlatform?
    /// Nanoseconds since the epoch.
    package let importTime: Int64
    /// `repository:tag` names that mean this image; a tag means one image only.
    package var tags: [String] = []
    /// `repository@digest` names.
    package var digests: [String] = []
    /// The names it was asked for by; without any, and not in use, `image gc` takes it.
    package var wanted: [String] = []
    /// Removed while an app used it: collected as soon as none does.
    package var removed = false

    /// What the record calls it.
    package var name: String { wanted.last ?? tags.first ?? digests.first ?? id.description }
}

extension StoredImage {
    /// What each layer is known by in the store, base first.
    var chain: [Digest] { Digest.chain(layers) }

    var json: JSON {
        [
            "manifest": .string(manifest.description), "layers": .array(layers.map { .string($0.description) }),
            "size": .integer(size), "user": .string(user), "labels": .object(labels.mapValues(JSON.string)),
            "annotations": .object(annotations.mapValues(JSON.string)), "import_time": .integer(importTime),
            "tags": .array(tags.map(JSON.string)), "digests": .array(digests.map(JSON.string)),
            "wanted": .array(wanted.map(JSON.string)), "removed": .bool(removed),
            "omitted": .array(omitted.names.map(JSON.string)),
            "platform": platform.map { .string($0.description) } ?? .null,
        ]
    }

    /// nil where the file was damaged.
    init?(id: String, json: JSON) {
        guard let id = Digest(id), let manifest = json["manifest"]?.stringValue.flatMap({ Digest($0) }),
            let layers = json["layers"]?.arrayValue, let size = json["size"]?.int64Value,
            let importTime = json["import_time"]?.int64Value
        else { return nil }
        self.id = id
        self.manifest = manifest
        self.layers = layers.compactMap { $0.stringValue.flatMap { Digest($0) } }
        guard self.layers.count == layers.count else { return nil }
        self.size = size
        self.importTime = importTime
        platform = json["platform"]?.stringValue.flatMap { try? ImagePlatform(parsing: $0) }
        user = Self.user(json["user"])
        // An earlier engine kept all of them, and `IndexText` took the largest away.
        labels = omitted.labels(json["labels"] == nil ? [:] : json["labels"]?.stringMap)
        annotations = omitted.annotations(json["annotations"] == nil ? [:] : json["annotations"]?.stringMap)
        for name in json["omitted"]?.arrayValue ?? [] {
            if name == "annotations" { omitted.annotations = true }
            if name == "labels" { omitted.labels = true }
        }
        tags = json["tags"]?.arrayValue?.compactMap(\.stringValue) ?? []
        digests = json["digests"]?.arrayValue?.compactMap(\.stringValue) ?? []
        wanted = json["wanted"]?.arrayValue?.compactMap(\.stringValue) ?? []
        removed = json["removed"]?.boolValue ?? false
    }

    /// Nobody's name, and not root's: of an image of an earlier engine whose user is longer than is taken now. No app can be made of it.
    private static let unusableUser = "(longer than is taken)"

    private static func user(_ json: JSON?) -> String {
        guard let json else { return "" }
        guard let user = json.stringValue, user.utf8.count <= ImageLimits.standard.userBytes else {
            return unusableUser
        }
        return user
    }
}

extension StoredImage {
    /// The image record of the command line.
    package func record(lastUsed: Int64) -> JSON {
        [
            "id": .string(id.description), "name": .string(name), "repo_tags": .array(tags.map(JSON.string)),
            "repo_digests": .array(digests.map(JSON.string)), "import_time": .integer(importTime),
            "last_used_time": .integer(lastUsed), "size": .integer(size), "user": .string(user),
            "labels": .object(labels.mapValues(JSON.string)),
            "annotations": .object(annotations.mapValues(JSON.string)),
            "layers": .array(layers.map { .string($0.description) }), "pinned": false,
            "omitted": .array(omitted.names.map(JSON.string)),
        ]
    }
}
