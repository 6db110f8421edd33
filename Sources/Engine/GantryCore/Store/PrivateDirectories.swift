import CGantry
import Glibc

/// Keeps the engine's directories to root: what is mounted and unpacked below them has set-user-id files and files of any mode, of images
/// and of containers, that no other user of the host may come near. Nobody else passes through, whatever modes older engines left.
package enum PrivateDirectories {
    /// Of every directory that the engine makes for itself.
    package static let mode: mode_t = 0o700

    /// Below the data directory and the run directory, parents first.
    private static let data = ["pods", "pods/prepare", "pods/run", "pods/garbage", "images"]
    private static let run = ["engine", "engine/events", "engine/events/removed", "engine/crun", "engine/cgroups"]
    /// Those whose own directories older engines left open, too.
    private static let parents: Set<String> = ["pods/prepare", "pods/run", "pods/garbage", "engine"]

    /// Closes those of both directories that are there and open to others. It costs two look-ups for each where nothing is to be done.
    package static func close(dir: String, runDir: String) throws(EngineError) {
        // Whoever runs this without being root has no directories here to close, and is refused by those that are.
        guard geteuid() == 0 else { return }
        // A group that is let in on purpose reaches the sockets in the run directory, and nothing else.
        if isOwn(runDir) { try close(runDir, others: 0o007) }
        for name in run { try closeOne(runDir, name) }
        if isOwn(dir) { try close(dir, others: 0o077) }
        for name in data { try closeOne(dir, name) }
    }

    /// Whether a directory can only be the engine's: not `/run`, `/var/lib` and the like, which somebody may have named.
    static func isOwn(_ path: String) -> Bool {
        let parts = path.utf8.split(separator: UInt8(ascii: "/"))
        let isShared = parts.first.map { $0.elementsEqual("var".utf8) || $0.elementsEqual("usr".utf8) } ?? true
        return parts.count >= (isShared ? 3 : 2)
    }

    private static func closeOne(_ parent: String, _ name: String) throws(EngineError) {
        let path = "\(parent)/\(name)"
        guard try close(path, others: 0o077), parents.contains(name) else { return }
        // The first time after an older engine.
        for child in Files.entries(path) { try close("\(path)/\(child)", others: 0o077, following: false) }
    }

    /// - Returns: whether it was open.
    @discardableResult
    private static func close(_ path: String, others: mode_t, following: Bool = true) throws(EngineError) -> Bool {
        var info = stat()
        guard (following ? stat(path, &info) : lstat(path, &info)) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return false }
            throw .posix("look at \(path)", errno)
        }
        guard info.st_mode & S_IFMT == S_IFDIR, info.st_mode & others != 0 else { return false }
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (following ? 0 : O_NOFOLLOW)
        let descriptor = open(path, flags)
        guard descriptor >= 0 else {
            // It went in the meantime.
            if errno == ENOENT || errno == ENOTDIR { return false }
            throw .posix("open \(path)", errno)
        }
        defer { Glibc.close(descriptor) }
        guard fstat(descriptor, &info) == 0, fchmod(descriptor, info.st_mode & 0o7777 & ~others) == 0 else {
            throw .posix("take the way through \(path) from other users (chmod 0700 \(path))", errno)
        }
        return true
    }
}
