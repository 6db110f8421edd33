import Glibc

/// A listening Unix socket, and the file that is its address.
package struct UnixListener: Sendable {
    /// The socket; whoever takes it closes it.
    package let descriptor: CInt
    private let path: UnixSocketPath
    private let identity: FileIdentity

    /// Connections the kernel holds until they are accepted.
    private static let backlog: CInt = 256

    /// Makes the socket, and the directories above it where they are not there, for its owner alone. A stale file in its place is replaced; a live socket is not.
    ///
    /// - Parameter mode: the file's permissions, from its first moment: it is never open to more.
    package static func open(_ path: UnixSocketPath, mode: mode_t) throws(ListenError) -> UnixListener {
        for directory in path.parents where mkdir(directory, 0o700) != 0 && errno != EEXIST {
            throw .system(action: "making directory \(directory)", path: path.path, code: errno)
        }
        try removeStale(path)

        let descriptor = try socket(path)
        do throws(ListenError) {
            // The kernel gives the file the socket's own mode less the umask; the umask is the whole process's and
            // stays.
            guard fchmod(descriptor, mode) == 0 else { throw failure("setting the mode", path) }
            guard withAddress(path, { bind(descriptor, $0, $1) }) == 0 else { throw failure("bind", path) }
            guard chmod(path.path, mode) == 0 else { throw failure("setting the mode", path) }
            guard let identity = FileIdentity(path.path) else { throw failure("lstat", path) }
            guard listen(descriptor, backlog) == 0 else { throw failure("listen", path) }
            return UnixListener(descriptor: descriptor, path: path, identity: identity)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Removes the file, unless it has become another one's.
    package func removeFile() {
        guard FileIdentity(path.path) == identity else { return }
        unlink(path.path)
    }

    private static func removeStale(_ path: UnixSocketPath) throws(ListenError) {
        var status = stat()
        guard lstat(path.path, &status) == 0 else {
            if errno == ENOENT { return }
            throw failure("lstat", path)
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path.path) }
        let probe = try socket(path)
        defer { close(probe) }
        let answer = withAddress(path) { connect(probe, $0, $1) } == 0 ? 0 : errno
        switch answer {
        case ECONNREFUSED:
            guard unlink(path.path) == 0 || errno == ENOENT else { throw failure("removing the stale socket", path) }
        case ENOENT:
            return
        case 0, EAGAIN:
            // EAGAIN: its queue is full, so somebody has one.
            throw .inUse(path: path.path)
        default:
            throw .system(action: "asking whether anybody listens", path: path.path, code: answer)
        }
    }

    private static func socket(_ path: UnixSocketPath) throws(ListenError) -> CInt {
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = Glibc.socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { throw failure("socket", path) }
        return descriptor
    }

    private static func failure(_ action: String, _ path: UnixSocketPath) -> ListenError {
        .system(action: action, path: path.path, code: errno)
    }

    private static func withAddress(_ path: UnixSocketPath, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt)
        -> CInt
    {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // `UnixSocketPath` leaves room for the NUL that the zeroed structure ends with.
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}

/// Which file a path names right now.
private struct FileIdentity: Hashable, Sendable {
    let device: dev_t
    let inode: ino_t

    init?(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        device = status.st_dev
        inode = status.st_ino
    }
}
