import GantryCore
import JSON

/// An image's configuration (OCI image specification, "Image Configuration"), as far as the engine needs it.
package struct ImageConfig: Sendable {
    package let platform: ImagePlatform?
    /// Base first; a layer may occur more than once.
    package let diffIDs: [Digest]
    /// The `config` object: entry point, environment, user and so on.
    package let execution: JSON

    /// - Throws: `invalid`, naming the image, the quantity and the bound, for one that has more of something than is taken.
    package init(
        parsing bytes: [UInt8], of title: String, _ limits: ImageLimits = .standard
    ) throws(EngineError) {
        let json: JSON
        do throws(JSONError) {
            json = try JSON(parsing: bytes, limits: limits.document(limits.configBytes))
        } catch {
            throw EngineError(.invalid, "\(title): its configuration cannot be read: \(error)")
        }
        do throws(EngineError) {
            try Self.check(json, limits)
        } catch {
            throw error.prefixed(title)
        }
        guard let list = Self.diffIDs(json) else {
            throw EngineError(.unsupported, "\(title): its configuration has no rootfs.diff_ids: not a container image")
        }
        var diffIDs: [Digest] = []
        for item in list {
            guard let digest = item.stringValue.flatMap({ Digest($0) }) else {
                throw EngineError(.unsupported, "\(title): its configuration has a diff id that is not a sha256 digest")
            }
            diffIDs.append(digest)
        }
        self.diffIDs = diffIDs
        let config = json["config"] ?? [:]
        execution = config.isNull ? [:] : config
        guard execution.objectValue != nil else {
            throw EngineError(.invalid, "\(title): the config of its configuration is not an object")
        }
        if let os = json["os"]?.stringValue, !os.isEmpty, let architecture = json["architecture"]?.stringValue,
            !architecture.isEmpty
        {
            platform = ImagePlatform(os: os, architecture: architecture, variant: json["variant"]?.stringValue ?? "")
        } else {
            platform = nil
        }
    }

    /// None where an image without layers has null or nothing, as Go writes a list that was never filled.
    private static func diffIDs(_ json: JSON) -> [JSON]? {
        guard let rootfs = json["rootfs"], rootfs.objectValue != nil else { return nil }
        guard let list = rootfs["diff_ids"], !list.isNull else { return [] }
        return list.arrayValue
    }

    private static func check(_ json: JSON, _ limits: ImageLimits) throws(EngineError) {
        let layers = json["rootfs"]?["diff_ids"]?.arrayValue?.count ?? 0
        guard layers <= limits.layers else { throw .beyond(limits.layers, "layers in its configuration") }
        let history = json["history"]?.arrayValue?.count ?? 0
        guard history <= limits.history else { throw .beyond(limits.history, "steps in its history") }
        let ports = json["config"]?["ExposedPorts"]?.objectValue?.count ?? 0
        guard ports <= limits.ports else { throw .beyond(limits.ports, "ports") }
        for key in ["os", "architecture", "variant"] {
            guard (json[key]?.stringValue?.utf8.count ?? 0) <= limits.platformBytes else {
                throw .beyond(limits.platformBytes, "bytes in its \(key)")
            }
        }
        // What the pod's supervisor holds against the same bounds, since images of an earlier engine may have more.
        if let config = json["config"], config.objectValue != nil {
            _ = try GantryCore.ImageConfig(json: config, limits)
        }
    }

    /// `uid`, `user`, `uid:gid` and so on as the image says; empty means root.
    package var user: String { execution["User"]?.stringValue ?? "" }

    package var labels: [String: String] { execution["Labels"]?.stringMap ?? [:] }
}
