import ByteText
import CGantry
import Glibc
import JSON

/// A pod's record made of what else is on disk, where `state.json` is missing or cannot be read: what is broken must stay visible, keep its
/// annotations, by which its owner knows it, and can be stopped and removed.
struct RebuiltRecord {
    let uuid: PodUUID
    /// An open directory, and where the pod's files are in it: empty, or with a slash at the end.
    let directory: Int32
    let prefix: String
    /// Of the pod, for messages.
    let path: String
    let runPath: String

    /// State preparing. Without a run directory it counts as a pod of another boot: nothing of it can be there but its network's leases.
    /// - Parameter problem: nil where there is no record.
    func make(because problem: EngineError?, boot: String) -> PodRecord {
        var record = PodRecord(uuid: uuid, createdAt: created, bootID: Files.exists(runPath) ? boot : "")
        record.isRebuilt = true
        if let problem {
            record.error = problem.message
            record.errorCode = problem.code.rawValue
        }
        if let document = try? StoreFile.readJSON(directory, "\(prefix)pod.json", path: "\(path)/pod.json"),
            let config = try? PodConfig(json: document)
        {
            record.describe(config)
        }
        return record
    }

    private var created: Int64 {
        var info = stat()
        for name in ["pod.json", PodLock.file] where fstatat(directory, prefix + name, &info, AT_SYMLINK_NOFOLLOW) == 0
        {
            return Int64(info.st_mtim.tv_sec) * 1_000_000_000 + Int64(info.st_mtim.tv_nsec)
        }
        return 0
    }
}

extension PodRecord {
    /// Takes over what the configuration says of the pod.
    package mutating func describe(_ config: PodConfig) {
        unit = config.unit
        network.mode = config.network.mode
        annotations = config.annotations
        userAnnotations = config.userAnnotations
        userLabels = config.userLabels
    }
}

extension PodDirectory {
    /// The record; where there is none that can be read, what else is there says.
    /// - Throws: `unsupported` for one of a newer engine, which knows more of the pod than this one.
    package func readOrRebuildRecord(boot: String) throws(EngineError) -> PodRecord {
        var problem: EngineError?
        do throws(EngineError) {
            if let record = try readRecord() { return record }
        } catch {
            guard error.code != .unsupported else { throw error }
            problem = error
        }
        var record = RebuiltRecord(uuid: uuid, directory: fd, prefix: "", path: path, runPath: runPath).make(
            because: problem, boot: boot)
        if let cgroup = appCgroup, let layout = try? CgroupLayout.current() {
            // An app's is directly below the pod's.
            record.cgroup = String(cgroup.cutLast(at: "/")?.before ?? "")
            record.cgroupPaths = UnitCgroup(layout: layout, path: record.cgroup).directories
        }
        return record
    }

    /// Of any app, as its record has it, or crun.
    private var appCgroup: String? {
        if let app = try? readApps().first(where: { $0.cgroup.begins(with: "/") }) { return app.cgroup }
        let crun = "\(runPath.without(suffix: uuid.string) ?? runPath[...])crun"
        for name in Files.entries(crun) where name.begins(with: "\(uuid).") {
            if let text = try? Files.read("\(crun)/\(name)/status"), let status = try? JSON(parsing: text),
                let path = status["cgroup-path"]?.stringValue, path.begins(with: "/")
            {
                return path
            }
        }
        return nil
    }
}
