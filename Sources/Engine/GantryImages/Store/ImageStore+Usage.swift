import GantryCore
import Glibc
import JSON

extension ImageStore {
    /// What images and the writable layers of apps take of the disk. Layers were counted when they were unpacked.
    package func usage() throws(EngineError) -> JSON {
        let index = try readIndex()
        var images = DiskUsage()
        for layer in index.layers.values { images += layer.usage }
        images += blobs.measure()
        return [
            "images": Self.json(images, at: root.path),
            "containers": Self.json(writableLayers(), at: "\(dataDirectory)/pods"),
        ]
    }

    private func writableLayers() -> DiskUsage {
        var usage = DiskUsage()
        guard let pods = try? OpenDirectory.open("\(dataDirectory)/pods/run") else { return usage }
        for pod in (try? pods.names()) ?? [] {
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
