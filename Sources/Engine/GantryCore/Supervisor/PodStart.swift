import CGantry
import Glibc
import JSON

/// The start of a pod, step by step. A step that fails leaves it to `PodTeardown` to take back what the others did: everything to be
/// undone is on disk before it is done.
package struct PodStart {
    package struct Options {
        package var dir: String
        package var runDir: String
        package var uuid: PodUUID
        /// A descriptor that holds the pod's lock already.
        package var lock: Int32?

        package init(dir: String, runDir: String, uuid: PodUUID, lock: Int32?) {
            self.dir = dir
            self.runDir = runDir
            self.uuid = uuid
            self.lock = lock
        }
    }

    struct Started {
        var store: PodStore
        var pod: PodDirectory
        var config: PodConfig
        var paths: PodPaths
        var unit: UnitCgroup
        var namespaces: PodNamespaces.Paths
        var podInit: pid_t?
        var runtime: OCIRuntime
        var record: PodRecord
        var notifyAddress: String?
    }

    let options: Options
    let store: PodStore
    let pod: PodDirectory
    let signals: PodSignals

    init(options: Options, store: PodStore, pod: PodDirectory, signals: PodSignals) {
        self.options = options
        self.store = store
        self.pod = pod
        self.signals = signals
    }

    /// Everything up to, but not including, the control socket.
    func run(notifyAddress: String?) throws(EngineError) -> Started {
        let config = try pod.readConfig()
        let runtime = try OCIRuntime.find(config.ociRuntime, root: "\(options.runDir)/engine/crun")
        let unit = try UnitCgroup.claim(try CgroupLayout.current(), uuid: pod.uuid)
        var record = try firstRecord(config, unit)
        try unit.enterSupervisor()
        guard gantry_become_subreaper() == 0 else { throw .posix("become the reaper of the pod's orphans", errno) }
        let paths = PodPaths(root: pod.runPath)
        try makeDirectories(paths)
        let namespaces = try makeNamespaces(config, paths, unit)
        let network = try PodNetwork(
            pod: pod, config: config, signals: signals, dir: options.dir, runDir: options.runDir
        ).attach(namespaces.paths, &record)
        if config.network.mode != .cni { try pod.sync() }
        try namespaces.writeSysctls()
        namespaces.release()
        try writeFiles(config, record, network)
        try mountSharedMemory(config, paths)
        return Started(
            store: store, pod: pod, config: config, paths: paths, unit: unit, namespaces: namespaces.paths,
            podInit: namespaces.initPID, runtime: runtime, record: record,
            notifyAddress: notifyAddress)
    }

    /// On disk before anything is made: where to look for what must be undone.
    private func firstRecord(_ config: PodConfig, _ unit: UnitCgroup) throws(EngineError) -> PodRecord {
        let boot = try store.bootID()
        var record = try pod.readRecord() ?? PodRecord(uuid: pod.uuid, createdAt: Clock.now(), bootID: boot)
        guard record.state == .preparing else {
            throw EngineError(
                .precondition, "pod \(pod.uuid): was started before and is \(record.state.rawValue); a pod runs once")
        }
        record.bootID = boot
        record.describe(config)
        record.pid = getpid()
        record.cgroup = unit.path
        record.cgroupPaths = unit.directories
        try pod.writeRecord(record, durability: .atomic)
        return record
    }

    private func makeDirectories(_ paths: PodPaths) throws(EngineError) {
        try Files.makeDirectories("\(options.runDir)/engine/crun", mode: 0o700)
        for path in [paths.root, paths.namespaces, paths.apps] {
            try Files.makeDirectory(path, mode: PrivateDirectories.mode)
        }
    }

    private func makeNamespaces(
        _ config: PodConfig, _ paths: PodPaths, _ unit: UnitCgroup
    ) throws(EngineError) -> PodNamespaces {
        var request = PodNamespaces.Request(directory: paths.namespaces)
        request.network = config.network.mode != .host
        request.ipc = config.namespaces.ipc == .pod
        request.user = config.namespaces.user
        request.hostname = config.network.mode == .host ? nil : PodFiles.hostname(config)
        request.sysctls = config.sysctls
        request.podInit = config.namespaces.pid == .pod
        if request.podInit { request.initCgroup = try unit.makeInitCgroup() }
        return try PodNamespaces(request)
    }

    private func writeFiles(_ config: PodConfig, _ record: PodRecord, _ network: NetworkResult?) throws(EngineError) {
        let isHost = config.network.mode == .host
        let hosts = isHost ? (try? Files.readText("/etc/hosts")) ?? "" : nil
        try pod.writeText("hosts", PodFiles.hosts(config, ips: record.ips, host: hosts))
        try pod.writeText("hostname", PodFiles.hostname(config) + "\n")
        let resolvConf = config.dns.isEmpty ? (try? Files.readText("/etc/resolv.conf")) ?? "" : ""
        try pod.writeText("resolv.conf", PodFiles.resolvConf(config, network: network?.dns, host: resolvConf))
    }

    private func mountSharedMemory(_ config: PodConfig, _ paths: PodPaths) throws(EngineError) {
        guard config.namespaces.ipc == .pod else { return }
        try Files.makeDirectory(paths.sharedMemory, mode: 0o755)
        let flags = UInt(MS_NOSUID | MS_NODEV | MS_NOEXEC)
        let options = "mode=1777,size=\(config.shmSize)"
        guard options.withCString({ mount("shm", paths.sharedMemory, "tmpfs", flags, $0) }) == 0 else {
            throw .posix("mount the pod's /dev/shm at \(paths.sharedMemory)", errno)
        }
    }
}
