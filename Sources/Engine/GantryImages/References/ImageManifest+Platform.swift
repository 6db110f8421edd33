import ByteText
import GantryCore

extension ImageManifest {
    /// The entries of an index whose platform suits, the best first; of equals, the first first.
    static func suited(_ entries: [Entry], for platform: ImagePlatform) -> [Entry] {
        entries.enumerated()
            .compactMap { place, entry in
                entry.platform.flatMap { platform.distance(to: $0) }.map { (distance: $0, place: place, entry: entry) }
            }
            .sorted { ($0.distance, $0.place) < ($1.distance, $1.place) }
            .map(\.entry)
    }
}

extension ImageManifest.Entry {
    /// Whether it may lead to an image: attestations, which builders put beside, say that they are of no platform. A media type that is not known
    /// is no error (OCI image index specification, "manifests").
    var mayBeImage: Bool {
        !isAttestation && platform?.os != "unknown" && platform?.architecture != "unknown"
            && Self.mediaTypes.contains { $0.isSame(as: descriptor.mediaType) }
    }

    private static let mediaTypes = [
        "", "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    ]
}
