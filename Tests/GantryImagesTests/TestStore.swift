import GantryCore
import Glibc
import JSON
import Testing

@testable import GantryImages

/// A pod that uses images.
let somePod = "11111111-2222-3333-4444-555555555555"

func digest(_ text: String) -> Digest { SHA256.digest(of: Array(text.utf8)) }

/// A store with helpers that put images into it without a registry.
struct TestStore {
    let store: ImageStore

    /// Installs an image made of the named layers, each a directory with one file.
    @discardableResult
    func add(
        _ name: String, layers: [String], as reference: String?, annotations: [String: String] = [:]
    ) throws -> StoredImage {
        let workspace = try Workspace(in: store.temporary)
        var unpacked: [Digest: UnpackedLayer] = [:]
        for (place, (layer, id)) in zip(layers, Digest.chain(layers.map(digest))).enumerated() {
            try workspace.directory.make("layer-\(place)", mode: 0o755).replace(layer, with: [1])
            unpacked[id] = UnpackedLayer(
                directory: "layer-\(place)", usage: DiskUsage(bytes: 4096, inodes: 2), diffID: digest(layer),
                blob: digest("blob of \(layer)"))
        }
        let known = try store.readIndex().layers
        let missing = unpacked.filter { known[$0.key] == nil }
        let config: JSON = [
            "os": "linux", "architecture": "amd64", "config": ["User": .string(name)],
            "rootfs": ["type": "layers", "diff_ids": .array(layers.map { .string(digest($0).description) })],
        ]
        let bytes = Array(config.serialized().utf8)
        let manifest = Array("manifest of \(name)".utf8)
        let source =
            try reference.map { ImageSource.registry(try ImageReference($0)) } ?? .layout(path: "/x", name: nil)
        let target = ResolvedImage(
            source: source, topDigest: SHA256.digest(of: manifest),
            manifestDigest: SHA256.digest(of: manifest),
            manifestBytes: manifest,
            manifest: ImageManifest.Image(
                config: BlobDescriptor(mediaType: "", digest: SHA256.digest(of: bytes), size: 1), layers: [],
                annotations: annotations))
        let verified = VerifiedConfig(bytes: bytes, config: try ImageConfig(parsing: bytes, of: name))
        return try store.install(target, verified, missing, from: workspace, as: source.reference.map { [$0] } ?? [])
    }

    /// Writes the record of an app that uses an image.
    func use(_ image: StoredImage, app: String = "a") throws {
        let lease = try ImageLease(store, of: [image.id.description])
        let resolved = try lease.resolved(image.id.description)
        lease.release()
        let directory = try OpenDirectory.make("\(store.dataDirectory)/pods/run/\(somePod)/apps/\(app)")
        try directory.replace(
            "app.json", with: Array(JSON.object(["format": 1, "image": resolved.json]).serialized().utf8))
    }

    func layerDirectories() throws -> [String] { try store.layers.names().sorted() }
}

func withStore(_ body: (TestStore) throws -> Void) throws {
    try withTemporaryDirectory { try body(TestStore(store: ImageStore(dataDirectory: $0.path))) }
}
