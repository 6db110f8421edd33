import Glibc

/// Tells whether programs are one build with a given one, by their bytes: a file that was installed anew may well be what it was, and a running
/// program's file may have no name any more.
struct SameProgram: ~Copyable {
    private struct Identity: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    private static let chunk = 1 << 20
    private let descriptor: Int32
    private let size: Int
    private var known: [Identity: Bool] = [:]

    /// Nil where the file cannot be read.
    init?(_ path: String) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard let (identity, size) = Self.look(at: descriptor) else {
            close(descriptor)
            return nil
        }
        self.size = size
        known[identity] = true
    }

    deinit { close(descriptor) }

    /// Nil where the file cannot be read.
    mutating func isThat(at path: String) -> Bool? {
        let other = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        defer { close(other) }
        guard let (identity, size) = Self.look(at: other) else { return nil }
        if let answer = known[identity] { return answer }
        let answer = size == self.size && hasSameBytes(as: other)
        known[identity] = answer
        return answer
    }

    private static func look(at descriptor: Int32) -> (Identity, size: Int)? {
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return (Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)), Int(status.st_size))
    }

    private func hasSameBytes(as other: Int32) -> Bool {
        var (mine, its) = ([UInt8](repeating: 0, count: Self.chunk), [UInt8](repeating: 0, count: Self.chunk))
        var offset = 0
        while offset < size {
            let wanted = min(Self.chunk, size - offset)
            // Both are files on disks, whose reads are whole; a short one is of a file that changes.
            guard pread(descriptor, &mine, wanted, off_t(offset)) == wanted,
                pread(other, &its, wanted, off_t(offset)) == wanted, memcmp(mine, its, wanted) == 0
            else { return false }
            offset += wanted
        }
        return true
    }
}
