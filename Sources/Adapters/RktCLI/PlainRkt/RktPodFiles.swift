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
    /// Where procfs is.
    var procfs = "/proc"
    /// What the pod's manager is called as a program; a child of its has that name until it is the app's program.
    private static let manager = "/systemd/systemd"

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
        for group in groups(of: pod) {
            guard let text = SmallFile.text(of: "\(group)/\(app).service/cgroup.procs", limit: 16 << 20) else {
                continue
            }
            return text.lines.compactMap { Int32(digits: $0) }
        }
        return nil
    }

    /// The cgroup of an app below whichever hierarchy has it; empty where it is not to be found.
    func cgroup(of app: String, in pod: EngineUUID) -> String {
        for (root, group) in places(of: pod) where FilePresence.exists("\(root)\(group)/\(app).service") {
            return "\(group)/\(app).service"
        }
        return ""
    }

    /// Whether the cgroup is there that the cgroups of the pod's apps are in.
    func hasGroup(_ pod: EngineUUID) -> Bool { groups(of: pod).contains(where: FilePresence.exists) }

    /// Whether a process of the app is the app's own program by now, and not the pod's manager on its way to it.
    func isExecuted(_ app: String, in pod: EngineUUID) -> Bool {
        (processes(of: app, in: pod) ?? []).contains { process in
            var target = [CChar](repeating: 0, count: Int(PATH_MAX))
            let length = readlink("\(procfs)/\(process)/exe", &target, target.count - 1)
            guard length > 0 else { return false }
            let bytes = target[..<length].map { UInt8(truncatingIfNeeded: $0) }
            return !String(decoding: bytes, as: UTF8.self).ends(with: Self.manager)
        }
    }

    /// Where the cgroups of the pod's apps may be.
    private func groups(of pod: EngineUUID) -> [String] { places(of: pod).map { $0.root + $0.group } }

    private func places(of pod: EngineUUID) -> [(root: String, group: String)] {
        guard let own = SmallFile.text(of: "\(runningPods)/\(pod)/subcgroup")?.trimmed, !own.isEmpty else { return [] }
        return ["/systemd", "", "/unified"].flatMap { hierarchy in
            ["/payload/system.slice", "/system.slice"].map { (cgroups + hierarchy, "/\(own)\($0)") }
        }
    }

    /// Whether the pod takes apps, by the link that rkt's stage 1 makes when it does; true where nothing of the stage 1 is to be seen.
    func takesApps(_ pod: EngineUUID) -> Bool {
        let directory = "\(runningPods)/\(pod)/stage1/rootfs/rkt"
        guard FilePresence.exists(directory) else { return true }
        var status = stat()
        return lstat("\(directory)/supervisor-status", &status) == 0
    }

    /// - Returns: false where its processes are not to be found.
    func signal(_ signal: Signal, to app: String, in pod: EngineUUID) -> Bool {
        ProcessSignals.send(signal) { processes(of: app, in: pod) }
    }
}
