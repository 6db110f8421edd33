import GantryCore
import JSON

/// What the apps of all pods use, read from their `app.json`.
struct ImageUses: Equatable, Sendable {
    var images: Set<Digest> = []
    /// Numbers of layer directories.
    var layers: Set<Int> = []

    /// Scans the pods below `directory`, the engine's data directory.
    /// - Throws: whatever keeps a file from being read or understood: then nothing may be collected.
    static func scan(_ directory: String) throws(EngineError) -> ImageUses {
        var uses = ImageUses()
        for phase in ["run", "prepare"] {
            guard let pods = try openIfThere("\(directory)/pods/\(phase)") else { continue }
            for pod in try pods.names() {
                guard let apps = try openIfThere("\(pods.path)/\(pod)/apps") else { continue }
                for app in try apps.names() {
                    guard let directory = try openIfThere("\(apps.path)/\(app)") else { continue }
                    if let bytes = try directory.read("app.json", limit: 16 << 20) {
                        try uses.add(bytes, path: "\(directory.path)/app.json")
                    }
                }
            }
        }
        return uses
    }

    private static func openIfThere(_ path: String) throws(EngineError) -> OpenDirectory? {
        do throws(EngineError) {
            return try OpenDirectory.open(path)
        } catch {
            if error.code == .notFound { return nil }
            throw error
        }
    }

    private mutating func add(_ bytes: [UInt8], path: String) throws(EngineError) {
        let json: JSON
        do throws(JSONError) {
            json = try JSON(parsing: bytes)
        } catch {
            throw EngineError(.internal, "\(path): \(error); remove the app before its image")
        }
        add(json["image"])
        for image in json["imageMounts"]?.objectValue?.values.map({ $0 }) ?? [] { add(image) }
    }

    private mutating func add(_ image: JSON?) {
        if let id = image?["id"]?.stringValue.flatMap({ Digest($0) }) { images.insert(id) }
        for layer in image?["layers"]?.arrayValue ?? [] {
            if let number = layer.stringValue?.split(separator: "/").last.flatMap({ Int($0) }) { layers.insert(number) }
        }
    }
}
