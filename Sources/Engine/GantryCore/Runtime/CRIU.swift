import ByteText
import Glibc

/// What OCI runtimes checkpoint and restore containers with: https://criu.org.
package enum CRIU {
    private static let places = [
        "/usr/local/sbin/criu", "/usr/local/bin/criu", "/usr/sbin/criu", "/usr/bin/criu", "/sbin/criu", "/bin/criu",
    ]

    /// The first one where the runtime looks for it; nil: there is none.
    package static var executable: String? { places.first { access($0, X_OK) == 0 } }

    /// For whoever asks a supervisor for it, which has no time for that itself.
    ///
    /// - Parameter path: of the OCI runtime that the pod was made with; empty: the host's crun.
    /// - Throws: `precondition`, naming what is missing and the way out.
    package static func require(by path: String) throws(EngineError) {
        let executable = path.isEmpty ? try OCIRuntime.usual() : path
        let runtime = try RuntimeDescription(asking: executable)
        guard runtime.canCheckpoint else {
            throw EngineError(
                .precondition,
                "the OCI runtime \(runtime.name) \(runtime.version) of its pod (\(executable)) has no checkpoints; make the pod with a runtime handler whose runtime has them, such as Debian's runc"
            )
        }
        guard self.executable != nil else {
            throw EngineError(.precondition, "there is no criu in /usr/sbin or the like: install the package criu")
        }
    }

    /// What it gave as the reason of its failure in one of its logs: the first error; nil where it says nothing.
    static func message(log path: String) -> String? {
        guard let file = try? Descriptor(open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), "") else {
            return nil
        }
        var status = stat()
        guard fstat(file.raw, &status) == 0 else { return nil }
        // Its end: what came before may be megabytes of what went well.
        lseek(file.raw, max(0, status.st_size - (256 << 10)), SEEK_SET)
        guard let bytes = try? Files.readAll(file.raw, limit: 256 << 10, name: path) else { return nil }
        return message(in: String(decoding: bytes, as: UTF8.self))
    }

    /// `(00.123456) Error (criu/file.c:42): what went wrong`.
    static func message(in log: String) -> String? {
        for line in log.words(at: "\n") {
            let words = line.words(at: " ")
            guard let place = words.firstIndex(where: { $0.isSame(as: "Error") }), words.count > place + 2,
                words[place + 1].begins(with: "("), words[place + 1].ends(with: "):")
            else { continue }
            return words[(place + 2)...].joined(separator: " ")
        }
        return nil
    }
}
