import ByteText
import Glibc
import JSON

/// The command line of the OCI runtime. Always in cgroupfs mode: with systemd's it would make scopes outside of the pod's unit.
package struct Crun {
    private let binary: CrunBinary
    /// Where the runtime keeps its state.
    package let root: String

    package init(executable: String, root: String) {
        binary = CrunBinary(path: executable)
        self.root = root
    }

    package var executable: String { binary.path }

    /// The first crun of the usual places.
    package static func find(root: String) throws(EngineError) -> Crun {
        let places = ["/usr/local/bin/crun", "/usr/bin/crun", "/usr/local/sbin/crun", "/usr/sbin/crun", "/bin/crun"]
        guard let executable = places.first(where: { access($0, X_OK) == 0 }) else {
            throw EngineError(
                .unavailable, "there is no crun in /usr/bin, /usr/local/bin or /usr/sbin: install the package crun")
        }
        return Crun(executable: executable, root: root)
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

    // Errors go to a file of their own: a container's standard error is crun's, too.
    private func request(_ arguments: [String], log: String) -> ProcessRequest {
        var request = ProcessRequest(
            executable,
            ["crun", "--root", root, "--cgroup-manager=cgroupfs", "--log=\(log)", "--log-format=json"] + arguments)
        if let copy = binary.readOnlyCopy() {
            request.binary = copy
            request.environment.append(CrunBinary.environment)
        }
        return request
    }

    /// What crun wrote into its log: the last error, or nil.
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
