import GantryCore
import JSON

/// An image's configuration (OCI image specification, "Image Configuration"), as far as the engine needs it.
package struct ImageConfig: Sendable {
    package let platform: ImagePlatform?
    /// Base first; a layer may occur more than once.
    package let diffIDs: [Digest]
    /// The `config` object: entry point, environment, user and so on.
    package let execution: JSON

    package init(parsing bytes: [UInt8], of title: String) throws(EngineError) {
        let json: JSON
        do throws(JSONError) {
            json = try JSON(parsing: bytes, limits: JSONLimits(maximumDepth: 32, maximumSize: 8 << 20))
        } catch {
            throw EngineError(.invalid, "\(title): its configuration is not JSON: \(error)")
        }
        guard let list = json["rootfs"]?["diff_ids"]?.arrayValue else {
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

    /// `uid`, `user`, `uid:gid` and so on as the image says; empty means root.
    package var user: String { execution["User"]?.stringValue ?? "" }

    package var labels: [String: String] { execution["Labels"]?.stringMap ?? [:] }
}
