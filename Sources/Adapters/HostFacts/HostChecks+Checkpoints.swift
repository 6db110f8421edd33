import ByteText
import ChildProcess

extension HostChecks {
    /// Which pods' containers can be checkpointed: it takes an OCI runtime that can, and criu. None of that is needed for anything else.
    ///
    /// - Parameter runtimes: absolute paths by the names of runtime handlers.
    package func checkpoints(_ runtimes: [String: String], within limit: Duration = .seconds(10)) async -> HostCheck {
        let name = "checkpoints"
        var able: [String] = []
        for (handler, path) in [("default", "")] + runtimes.sorted(by: { $0.key.precedes($1.key) }) {
            if await hasCheckpoints(path, within: limit) { able.append("\"\(handler)\"") }
        }
        if !able.isEmpty { return .ok(name, "of pods with runtime handler \(able.joined(separator: ", "))") }
        let missing =
            HostFiles.program("criu") == nil ? "criu is not installed" : "no runtime handler's runtime has them"
        return .ok(
            name,
            "none: \(missing). For them: apt-get install runc criu; runtimes: {runc: /usr/sbin/runc} in the configuration"
        )
    }

    /// - Parameter path: empty: of the engine's own runtime.
    private func hasCheckpoints(_ path: String, within limit: Duration) async -> Bool {
        let option = path.isEmpty ? [] : ["--oci-runtime=\(path)"]
        let command = ChildCommand(executable: engine, arguments: ["version"] + option, timeout: limit)
        guard let result = try? await command.run(), result.succeeded else { return false }
        return result.outputText.words(at: "\n").contains { line in
            line.begins(with: "Features: ") && line.words(at: " ").contains { $0.isSame(as: "checkpoint") }
        }
    }
}
