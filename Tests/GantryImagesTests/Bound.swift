import GantryCore
import Testing

@testable import GantryImages

/// One bound of `ImageLimits`, and how to have exactly so much of it.
struct Bound: Sendable, CustomTestStringConvertible {
    /// The property's name.
    let name: String
    let limits: ImageLimits
    let limit: Int
    /// What the message has to say beside.
    let says: String
    /// Tries to have so much.
    private let body: @Sendable (ImageLimits, Int) throws -> Void

    var testDescription: String { name }

    /// - Parameter limit: a small one in place of the property's own, where that would take too long to reach.
    init(
        _ name: String, _ property: any WritableKeyPath<ImageLimits, Int> & Sendable, _ limit: Int? = nil,
        says: String? = nil,
        _ change: (inout ImageLimits) -> Void = { _ in }, _ body: @escaping @Sendable (ImageLimits, Int) throws -> Void
    ) {
        var limits = ImageLimits.standard
        if let limit { limits[keyPath: property] = limit }
        self.init(name, limits, limits[keyPath: property], says, change, body)
    }

    init(
        _ name: String, _ property: any WritableKeyPath<ImageLimits, Int64> & Sendable, _ limit: Int64? = nil,
        says: String? = nil, _ change: (inout ImageLimits) -> Void = { _ in },
        _ body: @escaping @Sendable (ImageLimits, Int) throws -> Void
    ) {
        var limits = ImageLimits.standard
        if let limit { limits[keyPath: property] = limit }
        self.init(name, limits, Int(limits[keyPath: property]), says, change, body)
    }

    private init(
        _ name: String, _ limits: ImageLimits, _ limit: Int, _ says: String?, _ change: (inout ImageLimits) -> Void,
        _ body: @escaping @Sendable (ImageLimits, Int) throws -> Void
    ) {
        var limits = limits
        change(&limits)
        (self.name, self.limits, self.limit, self.says, self.body) = (name, limits, limit, says ?? "\(limit)", body)
    }

    func have(_ count: Int) throws { try body(limits, count) }
}

// MARK: Things of a given size

func text(_ bytes: Int) -> String { String(repeating: "x", count: bytes) }

/// Reads a configuration whose `config` object is this.
func readConfig(_ config: String, _ limits: ImageLimits, more: String = "", padding: Int = 0) throws {
    let text = #"{"rootfs":{"diff_ids":[]},"config":{\#(config)}\#(more)}"# + String(repeating: " ", count: padding)
    _ = try ImageConfig(parsing: Array(text.utf8), of: "the image", limits)
}

func list(_ count: Int, _ element: (Int) -> String) -> String { (0..<count).map(element).joined(separator: ",") }

private let descriptor = #"{"digest":"sha256:\#(String(repeating: "0", count: 64))","size":1}"#

/// Reads a manifest of so many layers, or an index.
func readManifest(
    layers: Int = 0, index: Int? = nil, configBytes: Int = 1, _ limits: ImageLimits, padding: Int = 0
) throws {
    let config = #"{"digest":"sha256:\#(String(repeating: "0", count: 64))","size":\#(configBytes)}"#
    let body =
        index.map { #""manifests":[\#(list($0) { _ in descriptor })]"# }
        ?? #""config":\#(config),"layers":[\#(list(layers) { _ in descriptor })]"#
    let text = #"{"schemaVersion":2,\#(body)}"# + String(repeating: " ", count: padding)
    _ = try ImageManifest(parsing: Array(text.utf8), of: "the image", limits)
}

/// Unpacks an archive of uncompressed bytes.
func unpack(_ limits: ImageLimits, _ build: (inout TarBuilder) -> Void) throws {
    var tar = TarBuilder()
    build(&tar)
    try unpack(tar.finished(), limits: limits) { _, _ in }
}

func image(_ number: Int, tags: [String] = [], user: String = "", annotations: [String: String] = [:]) -> StoredImage {
    let digest = SHA256.digest(of: Array("\(number)".utf8))
    var image = StoredImage(
        id: digest, manifest: digest, layers: [], size: 1, user: user, labels: [:], annotations: annotations,
        platform: nil,
        importTime: 1)
    image.tags = tags
    return image
}

/// Admits images one after the other.
func admit(_ images: [StoredImage], _ limits: ImageLimits) throws {
    var index = StoreIndex()
    for image in images {
        index.images[image.id] = image
        try index.admit(image.id, limits)
        if index.images[image.id]?.omitted.annotations == true {
            throw EngineError(.invalid, "left out: \(limits.listedAnnotationBytes)")
        }
        if index.images[image.id]?.omitted.labels == true {
            throw EngineError(.invalid, "left out: \(limits.listedLabelBytes)")
        }
    }
}
