import GantryCore
import JSON

/// What the store holds: `images.json` and `layers.json` in memory.
package struct StoreIndex: Equatable, Sendable {
    /// An unpacked layer, `layers/<number>`.
    package struct Layer: Equatable, Sendable {
        package let number: Int
        package let usage: DiskUsage
        /// What was unpacked, and as what it was downloaded; nil of what an older engine unpacked.
        var diffID: Digest?
        var blob: Digest?
    }

    package var images: [Digest: StoredImage] = [:]
    /// By chain id (OCI image specification, "Layer ChainID"): what a directory looks like that a layer only has something in depends on the
    /// layers below, so the same archive may have to be unpacked differently elsewhere.
    package var layers: [Digest: Layer] = [:]

    private static let format: Int64 = 1

    init() {}

    init(images: [UInt8]?, layers: [UInt8]?, path: String) throws(EngineError) {
        if let images {
            for (id, json) in try Self.members(of: IndexText.slim(images), named: "images", path: "\(path)/images.json")
            {
                guard let image = StoredImage(id: id, json: json) else {
                    throw Self.damaged("\(path)/images.json", "image \(id)")
                }
                self.images[image.id] = image
            }
        }
        if let layers {
            for (id, json) in try Self.members(of: layers, named: "layers", path: "\(path)/layers.json") {
                guard let id = Digest(id), let number = json["number"]?.int64Value,
                    let bytes = json["disk"]?.int64Value, let inodes = json["inodes"]?.int64Value
                else { throw Self.damaged("\(path)/layers.json", "layer \(id)") }
                self.layers[id] = Layer(
                    number: Int(number), usage: DiskUsage(bytes: bytes, inodes: inodes),
                    diffID: json["diff_id"]?.stringValue.flatMap { Digest($0) },
                    blob: json["blob"]?.stringValue.flatMap { Digest($0) })
            }
        }
    }

    private static func members(of bytes: [UInt8], named key: String, path: String) throws(EngineError) -> [String:
        JSON]
    {
        let json: JSON
        do throws(JSONError) { json = try JSON(parsing: bytes) } catch { throw damaged(path, "\(error)") }
        guard let format = json["format"]?.int64Value, let members = json[key]?.objectValue else {
            throw damaged(path, "no format or no \(key)")
        }
        guard format <= Self.format else {
            throw EngineError(
                .unsupported, "\(path): has format \(format); this engine knows \(Self.format) and earlier")
        }
        return members
    }

    private static func damaged(_ path: String, _ what: String) -> EngineError {
        EngineError(
            .internal, "\(path): is damaged (\(what)); move the images directory away and fetch the images again")
    }

    var imagesFile: [UInt8] {
        let members = Dictionary(uniqueKeysWithValues: images.map { ($0.key.description, $0.value.json) })
        return Array(JSON.object(["format": .integer(Self.format), "images": .object(members)]).serialized().utf8)
    }

    var layersFile: [UInt8] {
        let members = Dictionary(
            uniqueKeysWithValues: layers.map { id, layer in
                (
                    id.description,
                    [
                        // An earlier engine asks for a size.
                        "number": .integer(Int64(layer.number)), "size": .integer(layer.usage.bytes),
                        "disk": .integer(layer.usage.bytes), "inodes": .integer(layer.usage.inodes),
                        "diff_id": layer.diffID.map { .string($0.description) } ?? .null,
                        "blob": layer.blob.map { .string($0.description) } ?? .null,
                    ] as JSON
                )
            })
        return Array(JSON.object(["format": .integer(Self.format), "layers": .object(members)]).serialized().utf8)
    }
}

extension StoreIndex {
    /// Those of an image's layers that are there, from the base on, found by what a manifest calls them: no configuration is needed for that.
    func layers(downloadedAs blobs: [Digest]) -> [(id: Digest, layer: Layer)] {
        let byBlob = Dictionary(grouping: layers.filter { $0.value.blob != nil }) { $0.value.blob }
        var found: [(id: Digest, layer: Layer)] = []
        for blob in blobs {
            let parent = found.last?.id
            guard let next = byBlob[blob]?.first(where: { $0.value.diffID?.chained(to: parent) == $0.key }) else {
                break
            }
            found.append((next.key, next.value))
        }
        return found
    }
}
