import Glibc

/// A small file in a place where others may have put something else, read whole or not at all: nothing that lies there (a pipe, a device, a
/// directory, a link, a file without an end) makes the reader wait or reads what is not meant.
package enum SmallFile {
    /// Why a file that is there is not read.
    package enum Refusal: Error, Equatable, CustomStringConvertible {
        case link
        case notRegular
        /// Bytes.
        case longerThan(Int)
        /// errno(3).
        case failed(Int32)

        package var description: String {
            switch self {
            case .link: "is a symbolic link"
            case .notRegular: "is no regular file"
            case .longerThan(let limit): "has more than \(limit) bytes"
            case .failed(let code): "cannot be read: \(String(cString: strerror(code)))"
            }
        }
    }

    /// - Parameters:
    ///   - limit: bytes that it may have.
    ///   - followingLinks: also where the last name of the path is a symbolic link; those before it are followed anyway.
    ///   - cutting: of a longer one, its beginning.
    /// - Returns: nil where there is none.
    package static func bytes(
        of path: String, limit: Int, followingLinks: Bool = false, cutting: Bool = false
    ) throws(Refusal) -> [UInt8]? {
        // Looked at before it is opened: to open a device may be to do something with it.
        var status = stat()
        guard (followingLinks ? stat(path, &status) : lstat(path, &status)) == 0 else {
            if errno == ENOENT { return nil }
            throw .failed(errno)
        }
        try check(status)
        let descriptor = open(
            path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (followingLinks ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw errno == ELOOP ? Refusal.link : Refusal.failed(errno)
        }
        defer { close(descriptor) }
        guard fstat(descriptor, &status) == 0 else { throw .failed(errno) }
        try check(status)
        return try contents(descriptor, limit: limit, cutting: cutting)
    }

    /// The same as text; nil also for what is not read.
    package static func text(
        of path: String, limit: Int = 1 << 20, followingLinks: Bool = false, cutting: Bool = false
    ) -> String? {
        let found = try? bytes(of: path, limit: limit, followingLinks: followingLinks, cutting: cutting)
        guard let bytes = found else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func check(_ status: stat) throws(Refusal) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: return
        case S_IFLNK: throw .link
        default: throw .notRegular
        }
    }

    private static func contents(_ descriptor: Int32, limit: Int, cutting: Bool) throws(Refusal) -> [UInt8] {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &block, block.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .failed(errno) }
            if count == 0 { return bytes }
            bytes += block[..<count]
            guard bytes.count <= limit else {
                if cutting { return Array(bytes.prefix(limit)) }
                throw .longerThan(limit)
            }
        }
    }
}
