import ByteText
import CGantry
import Glibc

/// Finds out whether a command is in a root file system, once crun has failed: of its failures one cannot be told from another. Not before,
/// since crun sees what cannot be seen from here: links into volumes, /proc.
struct ExecutableLookup {
    /// The open root file system.
    let rootfs: Int32
    /// Where something is mounted over the image: what is in there is not known.
    let mounts: [String]

    /// Nil when the command is there, or may be.
    func failure(_ command: String, path: String?, directory: String) -> EngineError? {
        var denied: EngineError?
        for candidate in candidates(command, path: path, directory: directory) {
            if mounts.contains(where: {
                candidate.isSame(as: $0) || candidate.begins(with: $0.ends(with: "/") ? $0 : $0 + "/")
            }) {
                return nil
            }
            switch look(candidate) {
            case .executable: return nil
            case .missing: continue
            case .denied: denied = EngineError(.invalid, "command \"\(candidate)\": is not an executable file")
            }
        }
        return denied ?? EngineError(.invalid, "command \"\(command)\": there is no such file")
    }

    private func candidates(_ command: String, path: String?, directory: String) -> [String] {
        if command.begins(with: "/") { return [command] }
        if command.has("/") { return ["\(directory)/\(command)"] }
        let search = path ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return search.words(at: ":").map { "\($0)/\(command)" }
    }

    private enum Finding { case executable, missing, denied }

    private func look(_ path: String) -> Finding {
        let fd = gantry_open_in_root(rootfs, path, gantry_o_path())
        // What cannot be seen from here, as a magic link of /proc, is left to crun.
        guard fd >= 0 else { return errno == ENOENT || errno == ENOTDIR ? .missing : .executable }
        defer { close(fd) }
        var info = stat()
        guard fstat(fd, &info) == 0, info.st_mode & S_IFMT == S_IFREG, info.st_mode & 0o111 != 0 else { return .denied }
        return .executable
    }
}
