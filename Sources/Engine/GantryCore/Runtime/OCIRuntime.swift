import ByteText
import Glibc
import JSON

/// The command line of the OCI runtime: crun's, or that of another which has runc's words. Always in cgroupfs mode: with systemd's it would make
/// scopes outside of the pod's unit.
package struct OCIRuntime {
    package let executable: String
    /// Where the runtime keeps its state.
    package let root: String
    /// crun's own ways; nil: another runtime.
    private let crun: CrunBinary?

    private init(executable: String, root: String, isCrun: Bool) {
        self.executable = executable
        self.root = root
        crun = isCrun ? CrunBinary(path: executable) : nil
    }

    /// - Parameter path: of the program that the pod asks for; empty: the host's crun.
    /// - Throws: `unavailable` where there is none.
    package static func find(_ path: String, root: String) throws(EngineError) -> OCIRuntime {
        guard !path.isEmpty else { return OCIRuntime(executable: try usual(), root: root, isCrun: true) }
        let name = try RuntimeDescription.version(of: path).name
        return OCIRuntime(executable: path, root: root, isCrun: name == "crun")
    }

    /// The first crun of the usual places.
    static func usual() throws(EngineError) -> String {
        let places = ["/usr/local/bin/crun", "/usr/bin/crun", "/usr/local/sbin/crun", "/usr/sbin/crun", "/bin/crun"]
        guard let executable = places.first(where: { access($0, X_OK) == 0 }) else {
            throw EngineError(
                .unavailable, "there is no crun in /usr/bin, /usr/local/bin or /usr/sbin: install the package crun")
        }
        return executable
    }

    /// A container's id: of one namespace for all pods.
    package static func id(_ pod: PodUUID, _ app: AppName) -> String { "\(pod).\(app)" }

    package func create(id: String, bundle: String, pidFile: String, console: String?, log: String) -> ProcessRequest {
        var arguments = ["create", "--bundle", bundle, "--pid-file", pidFile]
        if let console { arguments += ["--console-socket", console] }
        return request(arguments + [id], log: log)
    }

    package func start(id: String, log: String) -> ProcessRequest { request(["start", id], log: log) }

    package func delete(id: String, log: String) -> ProcessRequest { request(["delete", "--force", id], log: log) }

    package func exec(
        id: String, process: String, pidFile: String, cgroup: String, console: String?, log: String
    ) -> ProcessRequest {
        var arguments = ["exec", "--detach", "--process", process, "--pid-file", pidFile, "--cgroup", cgroup]
        if let console { arguments += ["--console-socket", console] }
        return request(arguments + [id], log: log)
    }

    /// Writes the state of all its processes into the directory `images`; they go on afterwards. Of the group that it leads: CRIU is in it.
    package func checkpoint(id: String, images: String, work: String, log: String) -> ProcessRequest {
        var request = request(
            ["checkpoint", "--leave-running", "--image-path", images, "--work-path", work, id], log: log)
        request.leadsGroup = true
        return request
    }

    /// Makes a container that runs at once, with the processes that were written into `images`.
    package func restore(
        id: String, bundle: String, pidFile: String, console: String?, images: String, work: String, log: String
    ) -> ProcessRequest {
        var arguments = [
            "restore", "--detach", "--bundle", bundle, "--pid-file", pidFile, "--image-path", images, "--work-path",
            work,
        ]
        if let console { arguments += ["--console-socket", console] }
        var request = request(arguments + [id], log: log)
        request.leadsGroup = true
        return request
    }

    // Errors go to a file of their own: a container's standard error is the runtime's, too.
    private func request(_ arguments: [String], log: String) -> ProcessRequest {
        // runc has no such option, and this way without being told.
        let manager = crun == nil ? [] : ["--cgroup-manager=cgroupfs"]
        var request = ProcessRequest(
            executable,
            [String(executable.lastPathComponent), "--root", root] + manager + ["--log=\(log)", "--log-format=json"]
                + arguments)
        // Other runtimes have ways of their own, each release another, to keep containers away from their executable.
        if let copy = crun?.readOnlyCopy() {
            request.binary = copy
            request.environment.append(CrunBinary.environment)
        }
        return request
    }

    /// What a runtime wrote into its log: the last error, or nil.
    package static func message(log path: String) -> String? {
        guard let text = try? Files.readText(path, limit: 256 << 10) else { return nil }
        var last: String?
        for line in text.words(at: "\n") {
            guard let entry = try? JSON(parsing: String(line)), let message = entry["msg"]?.stringValue else {
                continue
            }
            if entry["level"]?.stringValue == "error" { last = message }
        }
        return last
    }
}
