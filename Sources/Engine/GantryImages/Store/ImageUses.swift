import ByteText
import GantryCore
import Glibc
import JSON

/// What must not be collected: what the apps of all pods use, as their `app.json` says, and what leases hold.
struct ImageUses: Equatable, Sendable {
    var images: Set<Digest> = []
    /// Numbers of layer directories.
    var layers: Set<Int> = []
    /// Why not all of it is known; then everything counts as used.
    private(set) var obstacle: EngineError?

    func uses(image: Digest) -> Bool { obstacle != nil || images.contains(image) }

    func uses(layer: Int) -> Bool { obstacle != nil || layers.contains(layer) }

    /// Scans the leases of the store and the pods below `directory`, the engine's data directory.
    ///
    /// Leases first: one is given up only after the app it was for is written down. What is no pod's or app's directory is passed over.
    static func scan(_ directory: String, leases: OpenDirectory) -> ImageUses {
        var uses = ImageUses()
        do throws(EngineError) {
            for held in try LeaseFile.held(in: leases) {
                uses.images.formUnion(held.images)
                uses.layers.formUnion(held.layers)
            }
            for phase in ["prepare", "run"] { try uses.scanPods("\(directory)/pods/\(phase)") }
        } catch {
            uses.obstacle = uses.obstacle ?? error
        }
        return uses
    }

    private mutating func scanPods(_ path: String) throws(EngineError) {
        guard let pods = try OpenDirectory.openIfDirectory(path) else { return }
        for name in try pods.names() where PodUUID(name) != nil {
            do throws(EngineError) {
                guard let apps = try pods.openIfDirectory(name)?.openIfDirectory("apps") else { continue }
                for app in try apps.names() where (try? AppName(app)) != nil {
                    if let directory = try apps.openIfDirectory(app) { try scanApp(directory) }
                }
            } catch {
                obstacle = obstacle ?? error
            }
        }
    }

    private mutating func scanApp(_ app: OpenDirectory) throws(EngineError) {
        guard let bytes = try app.read("app.json", limit: 16 << 20) else { return }
        let json: JSON
        do throws(JSONError) {
            json = try JSON(parsing: bytes)
        } catch {
            throw EngineError(.internal, "\(app.path)/app.json: \(error)")
        }
        guard json.objectValue != nil else { throw EngineError(.internal, "\(app.path)/app.json: is no object") }
        add(json["image"])
        for image in json["imageMounts"]?.objectValue?.values.map({ $0 }) ?? [] { add(image) }
    }

    private mutating func add(_ image: JSON?) {
        if let id = image?["id"]?.stringValue.flatMap({ Digest($0) }) { images.insert(id) }
        for layer in image?["layers"]?.arrayValue ?? [] {
            if let number = layer.stringValue?.words(at: "/").last.flatMap({ Int(digits: $0) }) {
                layers.insert(number)
            }
        }
    }
}
