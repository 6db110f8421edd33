import Domain
import Glibc

/// An open log file that is read to its end, again and again. Blocks: it belongs on the queue of ``LogFiles``.
final class LogFile {
    /// A line is cut into pieces of 16 KiB by who writes it; what is longer was written by somebody else, and is passed on in pieces.
    private static let longestLine = 1 << 20

    private let descriptor: Int32
    private let device: dev_t
    private let inode: ino_t
    private var offset: off_t = 0
    private var rest: [UInt8] = []

    /// Nil when there is no such file.
    ///
    /// - Throws: why it cannot be opened; what is no regular file is not.
    init?(_ path: String) throws(DomainError) {
        // Without O_NONBLOCK the opening of a pipe would wait for its writer.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw DomainError(.unavailable, "log \(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw DomainError(.failedPrecondition, "log \(path) is no regular file; somebody has put something there")
        }
        (device, inode) = (status.st_dev, status.st_ino)
    }

    deinit { close(descriptor) }

    /// False once a rotation has put another file, or none, in this one's place.
    func isStill(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_dev == device && status.st_ino == inode
    }

    /// Goes to where the last `count` lines begin.
    func seekToTail(_ count: Int) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return }
        var (position, found) = (status.st_size, -1)
        var block = [UInt8](repeating: 0, count: 65536)
        // Backwards, block by block. The end of a piece (`… P text`) counts like that of a line: a tail may be short by its pieces.
        while position > 0 {
            let length = min(position, off_t(block.count))
            position -= length
            guard pread(descriptor, &block, Int(length), position) == Int(length) else { return }
            for index in stride(from: Int(length) - 1, through: 0, by: -1) where block[index] == UInt8(ascii: "\n") {
                found += 1
                if found == count {
                    offset = position + off_t(index) + 1
                    return
                }
            }
        }
        offset = 0
    }

    /// The whole lines that came since the last call, at most about `limit` bytes of them; empty at the end.
    func readLines(limit: Int = 256 * 1024) -> [LogLine] {
        var status = stat()
        // Somebody has emptied it (copytruncate): from its beginning.
        if fstat(descriptor, &status) == 0, status.st_size < offset { (offset, rest) = (0, []) }
        var lines: [LogLine] = []
        var block = [UInt8](repeating: 0, count: 65536)
        var total = 0
        while total < limit {
            let count = pread(descriptor, &block, block.count, offset)
            guard count > 0 else { break }
            offset += off_t(count)
            total += count
            rest.append(contentsOf: block[..<count])
            takeLines(&lines)
        }
        return lines
    }

    private func takeLines(_ lines: inout [LogLine]) {
        var start = rest.startIndex
        while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
            if let line = LogLine(parsing: rest[start..<end]) { lines.append(line) }
            start = end + 1
        }
        rest.removeFirst(start)
        if rest.count > Self.longestLine { rest = [] }
    }
}
