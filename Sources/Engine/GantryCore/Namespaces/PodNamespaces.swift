import ByteText
import CGantry
import Glibc

/// The namespaces that a pod's apps share, made by a child that holds them, and pinned by bind mounts in a directory.
package final class PodNamespaces {
    package struct Request {
        /// Where they are pinned: `net`, `ipc`, `uts`, `user`, `pid`.
        package var directory: String
        package var network = true
        package var ipc = true
        /// Nil: the host's user namespace.
        package var user: UserNamespace?
        /// Nil: the host's UTS namespace.
        package var hostname: String?
        package var sysctls: [String: String] = [:]
        /// With a PID namespace for all apps, and a PID 1 in it.
        package var podInit = false
        /// A cgroup of v2 for that PID 1, so that the supervisor's own is not what a container finds there.
        package var initCgroup: String?

        package init(directory: String) { self.directory = directory }
    }

    /// Paths of the pins; nil: the host's.
    package struct Paths: Equatable, Sendable {
        package var network: String?
        package var ipc: String?
        package var uts: String?
        package var user: String?
        package var pid: String?

        package init() {}
    }

    package private(set) var paths = Paths()
    /// PID 1 of the shared PID namespace, a child of this process.
    package private(set) var initPID: pid_t?

    private let request: Request
    private let sysctls: [(path: String, value: String)]
    private var holder: pid_t = 0
    private var channel = Descriptor(owning: -1)

    /// Makes and pins them. On an error the pins made so far are left to the clean-up of the directory.
    package init(_ request: Request) throws(EngineError) {
        self.request = request
        sysctls = try Sysctls.resolve(request.sysctls, ownNetwork: request.network, ownIPC: request.ipc)
        guard flags != 0 || request.podInit else { return }
        try start()
        if request.user != nil { try writeIDMaps() }
        let report = try receive()
        if request.podInit { initPID = report.`init` }
        try pinAll()
    }

    deinit { release() }

    /// Writes the pod's sysctls. Once the network is attached, since some belong to its interfaces.
    package func writeSysctls() throws(EngineError) {
        guard !sysctls.isEmpty else { return }
        try tell()
        _ = try receive()
    }

    /// Lets go of the holder: the pins keep the namespaces.
    package func release() {
        guard holder > 0 else { return }
        channel.close()
        waitpid(holder, nil, 0)
        holder = 0
    }

    private var flags: Int32 {
        var flags: Int32 = 0
        if request.user != nil { flags |= Int32(GANTRY_NEW_USER) }
        if request.network { flags |= Int32(GANTRY_NEW_NETWORK) }
        if request.ipc { flags |= Int32(GANTRY_NEW_IPC) }
        if request.hostname != nil { flags |= Int32(GANTRY_NEW_UTS) }
        return flags
    }

    private func start() throws(EngineError) {
        let program = try podInitProgram()
        let cgroup = try request.initCgroup.map { (path) throws(EngineError) in
            try Descriptor(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open \(path)")
        }
        var channel: Int32 = -1
        var pid: pid_t = -1
        let strings = [request.hostname ?? ""]
        withCStrings(strings) { names in
            withCStrings(sysctls.map(\.path)) { paths in
                withCStrings(sysctls.map(\.value)) { values in
                    var ask = gantry_namespaces()
                    ask.flags = flags
                    ask.cgroup = cgroup?.raw ?? -1
                    ask.hostname = request.hostname == nil ? nil : UnsafePointer(names[0])
                    ask.loopback_up = request.network
                    ask.sysctl_count = sysctls.count
                    let user = PodInitUser(request.user)
                    ask.pod_init = gantry_pod_init(program: program?.raw ?? -1, uid: user.uid, gid: user.gid)
                    pid = Self.start(&ask, paths, values, &channel)
                }
            }
        }
        let error = errno
        withExtendedLifetime((program, cgroup)) {}
        guard pid > 0 else { throw .posix("make the pod's namespaces", error) }
        holder = pid
        self.channel = Descriptor(owning: channel)
    }

    private func podInitProgram() throws(EngineError) -> Descriptor? {
        guard request.podInit else { return nil }
        return try Descriptor(gantry_pod_init_program(), "make the program of the pod's init")
    }

    private typealias Strings = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    // The child has a copy of this memory, so that the strings need not outlive the call.
    private static func start(
        _ ask: inout gantry_namespaces, _ paths: Strings, _ values: Strings, _ channel: inout Int32
    ) -> pid_t {
        let count = ask.sysctl_count + 1
        return paths.withMemoryRebound(to: UnsafePointer<CChar>?.self, capacity: count) { paths in
            values.withMemoryRebound(to: UnsafePointer<CChar>?.self, capacity: count) { values in
                ask.sysctl_paths = UnsafePointer(paths)
                ask.sysctl_values = UnsafePointer(values)
                return gantry_namespaces_start(&ask, &channel)
            }
        }
    }

    private func writeIDMaps() throws(EngineError) {
        guard let user = request.user else { return }
        try Files.write("/proc/\(holder)/uid_map", Self.map(user.uids))
        try Files.write("/proc/\(holder)/gid_map", Self.map(user.gids))
        try tell()
    }

    private static func map(_ mappings: [IDMapping]) -> String {
        mappings.map { "\($0.containerID) \($0.hostID) \($0.length)\n" }.joined()
    }

    private func tell() throws(EngineError) {
        var go: UInt8 = 1
        guard gantry_send(channel.raw, &go, 1, nil, 0) == 1 else {
            throw .posix("talk to the holder of the namespaces", errno)
        }
    }

    private func receive() throws(EngineError) -> gantry_namespaces_report {
        var report = gantry_namespaces_report()
        let size = MemoryLayout<gantry_namespaces_report>.size
        var got: Int
        repeat { got = recv(channel.raw, &report, size, 0) } while got < 0 && errno == EINTR
        guard got == size else {
            throw EngineError(.internal, "make the pod's namespaces: their holder ended unexpectedly")
        }
        guard report.step == 0 else { throw failure(report) }
        return report
    }

    private func failure(_ report: gantry_namespaces_report) -> EngineError {
        let doing: String
        switch Int(report.step) {
        case Int(GANTRY_STEP_IDS): doing = "become root of the pod's user namespace"
        case Int(GANTRY_STEP_HOSTNAME): doing = "set the pod's host name \"\(request.hostname ?? "")\""
        case Int(GANTRY_STEP_LOOPBACK): doing = "bring up the pod's loopback interface"
        case Int(GANTRY_STEP_SYSCTL):
            let index = Int(report.index)
            let path = sysctls.indices.contains(index) ? sysctls[index] : ("?", "?")
            let error = EngineError.posix(
                "set sysctl \(path.0.without(prefix: "/proc/sys/") ?? path.0[...]) to \"\(path.1)\"", report.error)
            return EngineError([ENOENT, EINVAL, ERANGE].contains(report.error) ? .invalid : error.code, error.message)
        default:
            doing = "start the init of the pod's PID namespace: \(PodInitUser.step(Int(report.index)))"
        }
        return .posix(doing, report.error)
    }

    private func pinAll() throws(EngineError) {
        if request.network { paths.network = try pin("net", of: holder) }
        if request.ipc { paths.ipc = try pin("ipc", of: holder) }
        if request.hostname != nil { paths.uts = try pin("uts", of: holder) }
        if request.user != nil { paths.user = try pin("user", of: holder) }
        if let initPID { paths.pid = try pin("pid", of: initPID) }
    }

    private func pin(_ name: String, of pid: pid_t) throws(EngineError) -> String {
        let path = "\(request.directory)/\(name)"
        let file = try Descriptor(open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0o400), "make \(path)")
        file.close()
        guard mount("/proc/\(pid)/ns/\(name)", path, nil, UInt(MS_BIND), nil) == 0 else {
            throw .posix("pin the \(name) namespace at \(path)", errno)
        }
        return path
    }
}
