import Domain
import Glibc

/// What the daemon adds to the units that rkt 1.30 writes for an app, as drop-ins beside them in the pod's own stage 1. rkt has its systemd read them with
/// the app's units, at the end of `app add`.
///
/// - Both streams of an app are `fd` to rkt, which a systemd of today takes for one: each is said by its name.
/// - systemd throws away what is in a stream's pipe once the app has ended: the pipe is as small as can be, so that hardly anything ever is.
/// - `no_new_privs`, for which `app add` has no flag.
struct RktUnits: Sendable {
    /// rkt's running pods.
    let pods: String

    private static let fileName = "10-rktlet.conf"
    /// In steps, since each must be a directory and no link: what is in the pod may have made one.
    private static let directory = ["stage1", "rootfs", "usr", "lib", "systemd", "system"]
    private static let streams = ["stdout", "stderr"]

    /// - Returns: false where the pod's stage 1 is not to be seen, or has no place for units.
    func add(_ app: String, in pod: EngineUUID, noNewPrivileges: Bool) -> Bool {
        guard let directory = directory(of: pod) else { return false }
        var service = ["[Service]"] + Self.streams.map { "Standard\($0 == "stdout" ? "Output" : "Error")=fd:\($0)" }
        if noNewPrivileges { service.append("NoNewPrivileges=yes") }
        let pipe = ["[Socket]", "PipeSize=4096"]
        do throws(DomainError) {
            for stream in Self.streams {
                try write(pipe, to: "\(directory)/\(app)-\(stream).socket.d")
            }
            try write(service, to: "\(directory)/\(app).service.d")
            return true
        } catch {
            remove(app, in: pod)
            return false
        }
    }

    /// rkt removes its own units alone.
    func remove(_ app: String, in pod: EngineUUID) {
        guard let directory = directory(of: pod) else { return }
        for unit in Self.streams.map({ "\(app)-\($0).socket" }) + ["\(app).service"] {
            guard Self.isDirectory("\(directory)/\(unit).d") else { continue }
            unlink("\(directory)/\(unit).d/\(Self.fileName)")
            rmdir("\(directory)/\(unit).d")
        }
    }

    private func write(_ lines: [String], to directory: String) throws(DomainError) {
        guard mkdir(directory, 0o755) == 0 || Self.isDirectory(directory) else {
            throw DomainError(.internal, "making \(directory): \(String(cString: strerror(errno)))")
        }
        unlink("\(directory)/\(Self.fileName)")
        try PrivateFile.write(lines.map { $0 + "\n" }.joined(), to: "\(directory)/\(Self.fileName)")
    }

    private func directory(of pod: EngineUUID) -> String? {
        var path = "\(pods)/\(pod)"
        for step in Self.directory {
            path += "/" + step
            guard Self.isDirectory(path) else { return nil }
        }
        return path
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
