import ByteText
import CLinux
import Domain
import Glibc
import SmallFiles

/// One container's log: what rkt writes of its streams, carried over into the file of the CRI. Blocks.
///
/// How far it came is written down after each piece, together with the size that the log had then: after a crash in between, the log is cut back
/// to that size and the piece copied again, so that no byte is lost or doubled.
struct RktLogCopy {
    /// Bytes that are copied at once.
    private static let block = 256 << 10
    /// Bytes behind which the space of what was copied is given back to the file system.
    private static let hole: Int64 = 1 << 20

    /// rkt's file.
    let source: String
    /// The CRI's file, absolute; empty: none, what comes is dropped.
    let target: String
    private let record: String
    private var offset: Int64 = 0
    private var freed: Int64 = 0
    private var text = RktLogText()

    /// - Parameter source: its state is beside it.
    init(source: String, target: String) {
        self.source = source
        self.target = target
        record = source + ".at"
        guard let lines = SmallFile.text(of: record)?.lines, lines.count >= 4,
            let offset = Int64(digits: lines[0]), let inode = UInt64(digits: lines[1]),
            let size = Int64(digits: lines[2])
        else { return }
        self.offset = offset
        text = RktLogText(header: Array(lines[3].utf8))
        cutBack(inode: inode, size: size)
    }

    /// Copies what there is.
    ///
    /// - Parameter isOver: the container has ended, so that what has no line's end is a line.
    /// - Throws: why it could not be written; nothing is lost then, the next call tries again.
    mutating func run(isOver: Bool) throws(DomainError) {
        var status = stat()
        guard lstat(source, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > offset else { return }
        let input = open(source, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard input >= 0 else { throw Self.failure("opening", source, errno) }
        defer { close(input) }
        // What it was when it was looked at, it need not be now: what is in the pod can write there.
        guard fstat(input, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
        var bytes = [UInt8](repeating: 0, count: Self.block)
        while true {
            let count = pread(input, &bytes, bytes.count, off_t(offset))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            var next = text
            let isFull = count == bytes.count && !bytes.contains(UInt8(ascii: "\n"))
            let isLast = isOver && count < bytes.count
            let (taken, lines) = next.read(bytes[..<count], takingRest: isFull, isOver: isLast)
            guard taken > 0 else { break }
            try put(lines, next, at: offset + Int64(taken))
            giveBack(input)
        }
    }

    /// Makes the file of the CRI where there is none.
    func makeTarget() throws(DomainError) {
        guard !target.isEmpty else { return }
        close(try openTarget())
    }

    /// rkt's file and what is known of it.
    func remove() {
        unlink(source)
        unlink(record)
    }

    private mutating func put(_ lines: [UInt8], _ next: RktLogText, at place: Int64) throws(DomainError) {
        guard !target.isEmpty else { return (offset, text) = (place, next) }
        let output = try openTarget()
        defer { close(output) }
        var status = stat()
        fstat(output, &status)
        let before = status.st_size
        var rest = lines[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(output, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let code = errno
                ftruncate(output, before)
                throw Self.failure("writing", target, code)
            }
            rest = rest.dropFirst(count)
        }
        (offset, text) = (place, next)
        let size = before + off_t(lines.count)
        let known = "\(offset)\n\(UInt64(status.st_ino))\n\(size)\n\(String(decoding: text.header, as: UTF8.self))\n"
        try Self.replace(record, with: known)
    }

    private func openTarget() throws(DomainError) -> Int32 {
        if let parent = target.parentPath { Self.makeDirectories(String(parent)) }
        let descriptor = open(target, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o640)
        guard descriptor >= 0 else { throw Self.failure("opening", target, errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw DomainError(.internal, "opening \(target): it is no regular file")
        }
        return descriptor
    }

    private func cutBack(inode: UInt64, size: Int64) {
        var status = stat()
        guard !target.isEmpty else { return }
        let descriptor = open(target, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, UInt64(status.st_ino) == inode,
            status.st_size > size
        else { return }
        ftruncate(descriptor, off_t(size))
    }

    /// rkt goes on writing where it is: the file keeps its size, and loses what was copied.
    private mutating func giveBack(_ input: Int32) {
        let whole = offset / 4096 * 4096
        guard whole - freed >= Self.hole else { return }
        _ = fallocate(input, RKTLET_FALLOC_PUNCH, off_t(freed), off_t(whole - freed))
        freed = whole
    }

    private static func replace(_ path: String, with text: String) throws(DomainError) {
        let fresh = path + ".new"
        unlink(fresh)
        try PrivateFile.write(text, to: fresh)
        guard rename(fresh, path) == 0 else { throw failure("replacing", path, errno) }
    }

    private static func makeDirectories(_ path: String) {
        var made = ""
        for part in path.words(at: "/") {
            made += "/" + part
            mkdir(made, 0o755)
        }
    }

    private static func failure(_ doing: String, _ path: String, _ code: Int32) -> DomainError {
        DomainError(
            code == ENOSPC || code == EDQUOT ? .resourceExhausted : .internal,
            "\(doing) \(path): \(String(cString: strerror(code)))")
    }
}
