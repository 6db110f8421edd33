import ByteText
import Glibc
import JSON

/// What an app is made of instead of its image alone, as `app-add` names it.
struct AppRestore: Sendable {
    /// A directory on the file system of the pods, with the writable layer in `upper` and CRIU's images in `checkpoint`: it is used up.
    let directory: String
    /// Where something was mounted in the container.
    let mounts: [String]

    init(json: JSON) throws(EngineError) {
        var reader = try ObjectReader(json, path: "restore")
        directory = try reader.string("directory")
        mounts = try reader.optionalStrings("mounts") ?? []
        guard directory.begins(with: "/") else { throw reader.invalid("directory", "must be absolute") }
    }

    static func path(in app: String) -> String { "\(app)/restore" }

    /// Takes the place of what is there of a new app.
    func place(in app: String) throws(EngineError) {
        let images = CheckpointDirectory(path: Self.path(in: app))
        try Files.makeDirectory(images.path, mode: 0o700)
        for (name, target) in [("upper", "\(app)/upper"), (CheckpointDirectory.imagesName, images.images)] {
            guard rename("\(directory)/\(name)", target) == 0 else {
                throw .posix("move \(directory)/\(name) to \(target)", errno)
            }
        }
    }

    /// - Throws: `invalid` where the container had something mounted that this one has not: its processes may have it open.
    func check(_ spec: JSON) throws(EngineError) {
        let here = Set(
            (spec["mounts"]?.arrayValue ?? []).compactMap { $0["destination"]?.stringValue }.map(ByteString.init))
        let missing = mounts.filter { !here.contains(ByteString($0)) }
        guard missing.isEmpty else {
            throw EngineError(
                .invalid,
                "the container of the checkpoint had mounts that this one lacks: \(missing.joined(separator: ", ").onOneLine); add them to its mounts"
            )
        }
    }
}

/// A created app that a checkpoint waits for, in place of a container.
struct AppRestoration {
    let stdio: AppStdio
    let directory: CheckpointDirectory
}
