import ByteText
import GantryCore

/// What a layer's media type says: OCI's and Docker's, in manifests of either, as registries have them.
///
/// What is in the blob is told by its own first bytes; here it is told what is a layer at all, and a layer that can be read.
enum LayerMediaType: Equatable, Sendable {
    case plain
    case gzip
    case zstd
    /// The manifest says nothing.
    case unnamed

    init?(_ text: String) {
        guard !text.isEmpty else {
            self = .unnamed
            return
        }
        let oci = [
            "application/vnd.oci.image.layer.v1.tar", "application/vnd.oci.image.layer.nondistributable.v1.tar",
        ]
        let docker = [
            "application/vnd.docker.image.rootfs.diff.tar", "application/vnd.docker.image.rootfs.foreign.diff.tar",
        ]
        guard let compression = Self.compression(text, oci, "+") ?? Self.compression(text, docker, ".") else {
            return nil
        }
        self = compression
    }

    private static func compression(_ text: String, _ names: [String], _ separator: String) -> LayerMediaType? {
        for name in names {
            guard let rest = text.without(prefix: name) else { continue }
            if rest.isEmpty { return .plain }
            if rest.isSame(as: "\(separator)gzip") { return .gzip }
            if rest.isSame(as: "\(separator)zstd") { return .zstd }
        }
        return nil
    }

    /// - Throws: `unsupported`, naming the media type, for an image with a layer that is none.
    static func check(_ layers: [BlobDescriptor]) throws(EngineError) {
        for layer in layers where LayerMediaType(layer.mediaType) == nil {
            throw EngineError(
                .unsupported,
                "layer \(layer.digest): is of the media type \(layer.mediaType.shortened(to: 100)), which is no layer of a container image that can be read here (tar, with gzip or zstd)"
            )
        }
    }
}
