import ByteText
import Domain
import Glibc
import SmallFiles

/// What a stage 1 of rkt 1.30 lacks under a systemd of today, put in its place before the pod has its first container.
struct RktStage1Place {
    /// rkt's running pods.
    let pods: String
    /// Where procfs is.
    var procfs = "/proc"

    /// Makes the sign that the pod takes apps.
    ///
    /// - Returns: false where the pod's stage 1 is not to be seen.
    func sayReady(_ pod: EngineUUID) -> Bool {
        guard let directory = Self.directory("\(pods)/\(pod)", ["stage1", "rootfs", "rkt"]) else { return false }
        return symlink("ready", "\(directory)/supervisor-status") == 0 || errno == EEXIST
    }

    /// Mounts come into the pod at `/run/host/incoming` since systemd 247; rkt looks for them where they came before.
    func linkIncoming(_ pod: EngineUUID) {
        guard let manager = manager(of: pod) else { return }
        let root = "\(procfs)/\(manager)/root"
        guard Self.directory(root, ["run", "host", "incoming"]) != nil,
            let run = Self.directory(root, ["run", "systemd"])
        else { return }
        // Where it is there already, it stays as it is.
        mkdir("\(run)/nspawn", 0o755)
        guard let place = Self.directory(run, ["nspawn"]) else { return }
        symlink("/run/host/incoming", "\(place)/incoming")
    }

    /// The pod's PID 1 as the host numbers it: the one child of the process that rkt wrote down.
    private func manager(of pod: EngineUUID) -> Int32? {
        guard let parent = SmallFile.text(of: "\(pods)/\(pod)/ppid")?.trimmed, let number = Int32(digits: parent),
            let children = SmallFile.text(of: "\(procfs)/\(number)/task/\(number)/children")
        else { return nil }
        return children.words(at: " ").first.flatMap { Int32(digits: $0.trimmed) }
    }

    /// The path of a directory below another; nil where a step is none, or a link: what is in the pod may have made one.
    private static func directory(_ path: String, _ steps: [String]) -> String? {
        var path = path
        for step in steps {
            path += "/" + step
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
        }
        return path
    }
}
