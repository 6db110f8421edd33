import GantryCore
import Glibc
import JSON

extension ImageStore {
    /// What images and the writable layers of apps take of the disk. Layers were counted when they were unpacked.
    ///
    /// A node has hundreds of writable layers with thousands of files each: they are counted at most every `maximumAge` seconds, whoever asks.
    package func usage(maximumAge: Int64 = 20) throws(EngineError) -> JSON {
        let index = try readIndex()
        var images = DiskUsage()
        for layer in index.layers.values { images += layer.usage }
        images += blobs.measure()
        return [
            "images": Self.json(images, at: root.path),
            "containers": Self.json(writableLayers(maximumAge), at: "\(dataDirectory)/pods"),
        ]
    }

    private func writableLayers(_ maximumAge: Int64) -> DiskUsage {
        let now = Clock.now() / 1_000_000_000
        if let bytes = try? root.read(Self.counted, limit: 4096), let json = try? JSON(parsing: bytes),
            let time = json["at"]?.int64Value, (0..<maximumAge).contains(now - time),
            let used = json["bytes"]?.int64Value, let inodes = json["inodes"]?.int64Value
        {
            return DiskUsage(bytes: used, inodes: inodes)
        }
        let usage = writableLayers()
        let json: JSON = ["at": .integer(now), "bytes": .integer(usage.bytes), "inodes": .integer(usage.inodes)]
        // Kept for the next to ask; without it he counts himself.
        try? root.write(Self.counted, Array(json.serialized().utf8))
        return usage
    }

    private static let counted = "usage.json"

    private func writableLayers() -> DiskUsage {
        var usage = DiskUsage()
        guard let pods = try? OpenDirectory.open("\(dataDirectory)/pods/run") else { return usage }
        for pod in (try? pods.names()) ?? [] where PodUUID(pod) != nil {
            guard let apps = try? OpenDirectory.open("\(pods.path)/\(pod)/apps") else { continue }
            for app in (try? apps.names()) ?? [] {
                guard let upper = try? OpenDirectory.open("\(apps.path)/\(app)/upper") else { continue }
                usage += upper.measure()
            }
        }
        return usage
    }

    private static func json(_ usage: DiskUsage, at path: String) -> JSON {
        ["mountpoint": .string(path), "used_bytes": .integer(usage.bytes), "inodes_used": .integer(usage.inodes)]
    }
}
