import ByteText
import Domain
import Glibc
import SmallFiles

/// What rkt writes below a pod's directory while the pod runs, and where its apps' processes are.
struct RktPodFiles: Sendable {
    /// rkt's data directory.
    let data: String
    /// Where the hierarchies of cgroups are mounted.
    var cgroups = "/sys/fs/cgroup"

    var runningPods: String { "\(data)/pods/run" }

    /// The directories that hold the statuses of the pod's apps: a file `APP` with the exit code once the app has ended. With an overlay
    /// as the pod's root it is the upper directory.
    func statusDirectories(of pod: EngineUUID) -> [String] {
        let directory = "\(runningPods)/\(pod)"
        let overlays = SmallFile.names(in: "\(directory)/overlay").map { "\(directory)/overlay/\($0)/upper" }
        return (["\(directory)/stage1/rootfs"] + overlays).map { "\($0)/rkt/status" }.filter(FilePresence.exists)
    }

    /// Whether the exit code is written down whole; nil when nothing of the app is to be seen. rkt reads a file that is still empty as code 1.
    func isExitWritten(of app: String, in pod: EngineUUID) -> Bool? {
        var seen: Bool?
        for directory in statusDirectories(of: pod) {
            guard let text = SmallFile.text(of: "\(directory)/\(app)") else { continue }
            if text.ends(with: "\n") { return true }
            seen = false
        }
        return seen
    }

    /// The processes of an app; nil where its cgroup is not to be found.
    func processes(of app: String, in pod: EngineUUID) -> [Int32]? {
        guard let own = SmallFile.text(of: "\(runningPods)/\(pod)/subcgroup")?.trimmed, !own.isEmpty else { return nil }
        for hierarchy in ["/systemd", "", "/unified"] {
            for inner in ["/payload/system.slice", "/system.slice"] {
                let directory = "\(cgroups)\(hierarchy)/\(own)\(inner)/\(app).service"
                guard let text = SmallFile.text(of: "\(directory)/cgroup.procs", limit: 16 << 20) else { continue }
                return text.lines.compactMap { Int32(digits: $0) }
            }
        }
        return nil
    }

    /// - Returns: false where its processes are not to be found.
    func signal(_ signal: Signal, to app: String, in pod: EngineUUID) -> Bool {
        ProcessSignals.send(signal) { processes(of: app, in: pod) }
    }
}
