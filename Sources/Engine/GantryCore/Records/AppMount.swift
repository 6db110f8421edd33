import ByteText
import JSON

/// One mount that an app asks for: a path of the host, or a path inside an image.
package struct AppMount: Equatable, Sendable {
    package enum Propagation: String, Sendable, CaseIterable {
        case `private`
        case hostToContainer = "host-to-container"
        case bidirectional
    }

    package var containerPath: String
    package var hostPath = ""
    package var readonly = false
    package var recursiveReadOnly = false
    package var propagation: Propagation = .private
    package var selinuxRelabel = false
    /// Not empty: the mount shows this image (or `imageSubPath` of it) and `hostPath` is empty.
    package var image = ""
    package var imageSubPath = ""
    /// An empty directory in memory that lives as long as the app (rkt's `kind=empty`); no `hostPath` then.
    package var empty = false
    /// Of mount(8), those of ``knownOptions``.
    package var options: [String] = []
    package var uidMappings: [IDMapping] = []
    package var gidMappings: [IDMapping] = []

    package init(containerPath: String, hostPath: String, readonly: Bool = false) {
        self.containerPath = containerPath
        self.hostPath = hostPath
        self.readonly = readonly
    }

    init(_ reader: inout ObjectReader) throws(EngineError) {
        containerPath = try reader.absolutePath("containerPath")
        guard !containerPath.isEmpty else { throw reader.invalid("containerPath", "is missing") }
        guard containerPath.utf8.contains(where: { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ".") }) else {
            throw reader.invalid("containerPath", "\"\(containerPath)\" would hide the whole root file system")
        }
        hostPath = try reader.absolutePath("hostPath")
        readonly = try reader.bool("readonly")
        recursiveReadOnly = try reader.bool("recursiveReadOnly")
        propagation = try reader.choice("propagation", default: .private)
        selinuxRelabel = try reader.bool("selinuxRelabel")
        image = try reader.string("image")
        imageSubPath = try reader.string("imageSubPath")
        empty = try reader.bool("empty")
        options = try reader.strings("options")
        uidMappings = try reader.objects("uidMappings") { (mapping) throws(EngineError) in try IDMapping(&mapping) }
        gidMappings = try reader.objects("gidMappings") { (mapping) throws(EngineError) in try IDMapping(&mapping) }
        try check(reader)
        try reader.finish()
    }

    /// They take something away from who uses the mount; what would give something has no place there.
    package static let knownOptions = ["nosuid", "nodev", "noexec", "noatime", "nodiratime", "relatime"]

    private func check(_ reader: ObjectReader) throws(EngineError) {
        for option in options where !Self.knownOptions.has(option) {
            throw reader.invalid(
                "options", "\"\(option)\" is none of \(Self.knownOptions.joined(separator: ", "))")
        }
        guard image.isEmpty || readonly else {
            throw reader.invalid("readonly", "must be true: an image is mounted read-only")
        }
        guard [!hostPath.isEmpty, !image.isEmpty, empty].count(where: { $0 }) == 1 else {
            throw reader.invalid("hostPath", "a mount needs either a hostPath or an image (or is empty)")
        }
        guard imageSubPath.isEmpty || !image.isEmpty else {
            throw reader.invalid("imageSubPath", "needs an image")
        }
        guard !imageSubPath.begins(with: "/"), !imageSubPath.hasParentStep else {
            throw reader.invalid("imageSubPath", "\"\(imageSubPath)\" leads out of the image")
        }
        if recursiveReadOnly {
            guard readonly else { throw reader.invalid("recursiveReadOnly", "needs readonly") }
            guard propagation == .private else {
                throw reader.invalid("recursiveReadOnly", "needs propagation private")
            }
        }
    }

    package var json: JSON {
        var document: [String: JSON] = [
            "containerPath": .string(containerPath), "hostPath": .string(hostPath), "readonly": .bool(readonly),
            "recursiveReadOnly": .bool(recursiveReadOnly), "propagation": .string(propagation.rawValue),
            "selinuxRelabel": .bool(selinuxRelabel), "image": .string(image), "imageSubPath": .string(imageSubPath),
            "uidMappings": .array(uidMappings.map(\.json)), "gidMappings": .array(gidMappings.map(\.json)),
        ]
        if empty { document["empty"] = true }
        if !options.isEmpty { document["options"] = .strings(options) }
        return .object(document)
    }
}
