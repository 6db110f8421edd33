import ByteText
import CGantry
import Glibc
import JSON

/// Ends what is left of a pod: processes, network, mounts, cgroups, the run directory; and records it. It assumes nothing but what is
/// on disk, can be repeated, and goes on past failures.
package struct PodTeardown: Sendable {
    package enum Caller: Sendable {
        /// The pod's supervisor, which has ended its apps and holds the lock.
        case supervisor
        /// Somebody else, after the supervisor's death.
        ///
        /// - Parameter death: what is known of that, for people.
        case cleanup(death: String)

        var isCleanup: Bool { if case .cleanup = self { true } else { false } }
    }

    let store: PodStore
    let pod: PodDirectory
    let caller: Caller

    package init(store: PodStore, pod: PodDirectory, by caller: Caller) {
        self.store = store
        self.pod = pod
        self.caller = caller
    }

    /// - Parameter because: why the pod failed; nil when it did not.
    /// - Throws: the first failure, when everything has been tried. The pod's record says what is left to do (`network.state` failed).
    package func run(because cause: EngineError?) throws(EngineError) {
        let boot = try store.bootID()
        var record = try pod.readOrRebuildRecord(boot: boot)
        if caller.isCleanup, isDone(record) { return }
        let isThisBoot = record.bootID == boot
        var steps = Steps()
        let paths = PodPaths(root: pod.runPath)
        if !caller.isCleanup { leaveOwnCgroup() }
        let layout = try CgroupLayout.current()
        let exits = LostExits(pod: pod, isThisBoot: isThisBoot)
        var isKilled = true
        if isThisBoot {
            isKilled = steps.attempt { () throws(EngineError) in
                try CgroupKill(directories: directories(record), layout: layout).run()
            }
        }
        let isRecorded = steps.attempt { () throws(EngineError) in
            try exits.record(events: try PodEventLog(pod.uuid, runDir: store.runDir))
        }
        detach(&record, isThisBoot: isThisBoot, paths: paths, &steps)
        if isThisBoot {
            steps.attempt { () throws(EngineError) in try Mounts.unmountAll(below: pod.runPath) }
            steps.attempt { () throws(EngineError) in try removeRuntimeState() }
            removeCgroups(record)
        }
        if let cause, record.error.isEmpty { (record.error, record.errorCode) = (cause.message, cause.code.rawValue) }
        if case .cleanup(let death) = caller, record.error.isEmpty,
            record.state == .running || record.state == .deleting
        {
            record.error = isThisBoot ? death : "the host was restarted"
        }
        let isFinished = steps.attempt { () throws(EngineError) in try finish(&record) }
        // Last, since its absence says that nothing is left to do: not before every process is dead, every exit is on the
        // disk and the event is written.
        if isThisBoot, isKilled, isRecorded, isFinished {
            steps.attempt { () throws(EngineError) in try removeRunDirectory() }
        }
        if let first = steps.first { throw first }
    }

    private struct Steps {
        var first: EngineError?

        @discardableResult
        mutating func attempt(_ step: () throws(EngineError) -> Void) -> Bool {
            do throws(EngineError) {
                try step()
                return true
            } catch {
                first = first ?? error
                return false
            }
        }
    }

    func isDone(_ record: PodRecord) -> Bool {
        record.state == .exited && record.network.state != .attached && record.network.state != .failed
            && !Files.exists(pod.runPath)
    }

    private func directories(_ record: PodRecord) -> [String] { record.cgroupPaths.values.flatMap { $0 } }

    // MARK: Network

    /// For all plugins together, in nanoseconds: a stop has to be over before the service manager loses its patience (`TimeoutStopSec=`).
    private static let detachBudget: Int64 = 20_000_000_000

    /// DEL with the very configuration of the ADD, also of an ADD that was cut short. Without a namespace when that is gone.
    private func detach(_ record: inout PodRecord, isThisBoot: Bool, paths: PodPaths, _ steps: inout Steps) {
        guard record.network.state != .detached else { return }
        do throws(EngineError) {
            guard let attachment = try attachment() else { return }
            let pinned = isThisBoot && isNamespace(attachment.netns)
            try NetworkPlugins().detach(attachment, within: Self.detachBudget, netns: pinned ? attachment.netns : "")
            record.network.state = .detached
            record.network.error = ""
        } catch {
            record.network.state = .failed
            record.network.error = error.message
            steps.attempt { () throws(EngineError) in throw error.prefixed("pod \(pod.uuid)") }
        }
    }

    /// Nil where the network was never touched. What a crash of the host cut short is made anew from the pod's configuration.
    private func attachment() throws(EngineError) -> NetworkAttachment? {
        do throws(EngineError) {
            return try pod.readNetwork().map { (document) throws(EngineError) in try NetworkAttachment(json: document) }
        } catch {
            guard error.code != .unsupported, let config = try? pod.readConfig(), config.network.mode == .cni else {
                throw error
            }
            var attachment = try NetworkAttachment(config, uuid: pod.uuid, netns: "\(pod.runPath)/ns/net")
            attachment.attempted = attachment.list.plugins.count
            return attachment
        }
    }

    // The file of a pin that was never mounted, or is unmounted, is no namespace.
    private func isNamespace(_ path: String) -> Bool {
        let magicOfNamespaces: Int64 = 0x6e73_6673
        return gantry_filesystem(path) == magicOfNamespaces
    }

    // MARK: Run directory

    private func removeRuntimeState() throws(EngineError) {
        let root = "\(store.runDir)/engine/crun"
        let names = Files.entries(root).filter { $0.begins(with: "\(pod.uuid).") }
        guard !names.isEmpty else { return }
        let directory = try Descriptor(gantry_open_path(root), "open \(root)")
        for name in names { try TreeRemoval.remove(name, in: directory.raw, path: "\(root)/\(name)") }
    }

    /// The unit's own directories are systemd's where it made them; where the supervisor sits they go with it.
    private func removeCgroups(_ record: PodRecord) {
        let slices = BorrowedSlices(runDir: store.runDir)
        for (mountPoint, directories) in record.cgroupPaths {
            for directory in directories {
                CgroupProcesses.remove(directory)
                // v1, started by hand: crun made the way to it in hierarchies that the caller's own cgroup is not in.
                if let parent = directory.without(suffix: "/" + ownName) { rmdir(String(parent)) }
                slices.remove(above: directory, below: mountPoint)
            }
        }
    }

    /// Of a supervisor that was started by hand.
    private var ownName: String { UnitCgroup.ownName(pod.uuid) }

    /// Back to where it was started from, so that its cgroup can be removed.
    private func leaveOwnCgroup() {
        let suffix = "/\(ownName)/supervisor"
        for hierarchy in (try? CgroupLayout.current().hierarchies) ?? [] {
            guard let pod = hierarchy.ownPath.without(suffix: suffix) else { continue }
            let directory = hierarchy.directory(String(pod))
            try? Files.write(directory + "/cgroup.procs", "0")
        }
    }

    private func removeRunDirectory() throws(EngineError) {
        let root = "\(store.runDir)/engine"
        let directory = try Descriptor(gantry_open_path(root), "open \(root)")
        try TreeRemoval.remove(pod.uuid.string, in: directory.raw, path: pod.runPath)
    }

    // MARK: Record

    private func finish(_ record: inout PodRecord) throws(EngineError) {
        record.pid = nil
        if record.state != .exited {
            record.finishedAt = Clock.now()
            try record.advance(to: .exited)
        }
        try pod.writeRecord(record)
        var full = record
        full.apps = try pod.readApps()
        try PodEventLog(pod.uuid, runDir: store.runDir).append(.pod(full))
    }
}
