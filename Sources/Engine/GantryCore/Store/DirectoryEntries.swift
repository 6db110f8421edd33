import CGantry
import Glibc

/// The entries of an open directory, read with as few system calls as the kernel allows; `.` and `..` left out.
enum DirectoryEntries {
    struct Entry {
        var name: String
        /// As the file system says it; false where it does not say.
        var isDirectory: Bool
        /// Whether the file system said anything.
        var isTypeKnown: Bool
    }

    /// Every entry from the descriptor's position on.
    static func read(_ directory: Int32, path: String) throws(EngineError) -> [Entry] {
        var entries: [Entry] = []
        let space = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 << 10, alignment: 8)
        defer { space.deallocate() }
        while true {
            let count = gantry_getdents(directory, space.baseAddress, space.count)
            guard count >= 0 else { throw .posix("list \(path)", errno) }
            if count == 0 { return entries }
            parse(UnsafeRawBufferPointer(rebasing: space[..<count]), into: &entries)
        }
    }

    /// The names in the directory `name` of `parent`; empty where there is no such directory.
    static func names(_ parent: Int32, _ name: String, path: String) throws(EngineError) -> [String] {
        let directory = gantry_openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0)
        guard directory >= 0 else {
            if errno == ENOENT { return [] }
            throw .posix("open \(path)", errno)
        }
        defer { close(directory) }
        return try read(directory, path: path).map(\.name)
    }

    // struct linux_dirent64: u64 inode, i64 offset, u16 record length, u8 type, name with NUL (getdents(2)).
    private static func parse(_ bytes: UnsafeRawBufferPointer, into entries: inout [Entry]) {
        var offset = 0
        while offset + 19 < bytes.count {
            let length = Int(bytes.loadUnaligned(fromByteOffset: offset + 16, as: UInt16.self))
            guard length > 19, offset + length <= bytes.count else { return }
            let kind = bytes[offset + 18]
            let record = UnsafeRawBufferPointer(rebasing: bytes[(offset + 19)..<(offset + length)])
            let name = String(decoding: record.prefix { $0 != 0 }, as: UTF8.self)
            if name != ".", name != ".." {
                entries.append(
                    Entry(name: name, isDirectory: kind == UInt8(DT_DIR), isTypeKnown: kind != UInt8(DT_UNKNOWN)))
            }
            offset += length
        }
    }
}
