import CGantry
import Glibc

/// What a container was to run, kept while crun makes it: should crun fail, it is looked whether that is the command's fault.
struct StartCommand: Sendable {
    let command: String
    let path: String?
    let directory: String
    /// Where something is mounted over the image.
    let mounts: [String]

    init(_ spec: BuiltSpec) {
        command = spec.argv.first ?? ""
        path = spec.environment.last { $0.name == "PATH" }?.value
        directory = spec.workingDirectory
        mounts = (spec.json["mounts"]?.arrayValue ?? []).compactMap { $0["destination"]?.stringValue }
    }

    /// Why crun could not make the container, where that is the command's fault: a failure of the start, then. Of crun's failures one cannot
    /// be told from another. What something is mounted over is not looked into.
    func failure(rootfs path: String) -> EngineError? {
        guard let rootfs = try? Descriptor(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "") else { return nil }
        return ExecutableLookup(rootfs: rootfs.raw, mounts: mounts).failure(
            command, path: self.path, directory: directory)
    }
}
