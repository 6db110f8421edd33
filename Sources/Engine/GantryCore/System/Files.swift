import ByteText
import Glibc

/// Whole files and directories that need no durability: those of /proc, /sys/fs/cgroup and the run directory.
package enum Files {
    /// The content; `limit` bytes at most.
    package static func read(_ path: String, limit: Int = 4 << 20) throws(EngineError) -> [UInt8] {
        let file = try Descriptor(open(path, O_RDONLY | O_CLOEXEC), "open \(path)")
        return try readAll(file.raw, limit: limit, name: path)
    }

    package static func readText(_ path: String, limit: Int = 4 << 20) throws(EngineError) -> String {
        String(decoding: try read(path, limit: limit), as: UTF8.self)
    }

    /// From the descriptor's position to the end, or the first `limit` bytes.
    package static func readAll(_ descriptor: Int32, limit: Int, name: String) throws(EngineError) -> [UInt8] {
        var content: [UInt8] = []
        var room = 8192
        while content.count < limit {
            let space = min(room, limit - content.count)
            let filled = content.count
            var got = 0
            content.append(contentsOf: repeatElement(0, count: space))
            content.withUnsafeMutableBytes { bytes in
                got = Glibc.read(descriptor, bytes.baseAddress?.advanced(by: filled), space)
            }
            content.removeLast(space - max(got, 0))
            if got < 0 && errno != EINTR { throw .posix("read \(name)", errno) }
            if got == 0 { break }
            room = min(room * 4, 1 << 20)
        }
        return content
    }

    /// Writes with one write(2) into a file that is there (as those of cgroup and proc want it), or makes it whole.
    package static func write(
        _ path: String, _ text: String, creating mode: mode_t? = nil
    ) throws(EngineError) {
        let flags = mode == nil ? O_WRONLY | O_CLOEXEC : O_WRONLY | O_CLOEXEC | O_CREAT | O_TRUNC
        let file = try Descriptor(open(path, flags, mode ?? 0), "open \(path)")
        var text = text
        // A file that is cut short by a full disk: the next write tells why.
        if mode != nil { return try StoreFile.writeAll(file.raw, text, path: path) }
        let written = text.withUTF8 { Glibc.write(file.raw, $0.baseAddress, $0.count) }
        guard written == text.utf8.count else {
            throw .posix("write \(path)", written < 0 ? errno : EIO)
        }
    }

    /// Makes a directory; false where it was there.
    @discardableResult
    package static func makeDirectory(_ path: String, mode: mode_t = 0o755) throws(EngineError) -> Bool {
        if mkdir(path, mode) == 0 { return true }
        guard errno == EEXIST else { throw .posix("make directory \(path)", errno) }
        return false
    }

    /// Makes a directory and those above it.
    package static func makeDirectories(_ path: String, mode: mode_t = 0o755) throws(EngineError) {
        if mkdir(path, mode) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let (parent, _) = path.cutLast(at: "/"), !parent.isEmpty else {
            throw .posix("make directory \(path)", errno)
        }
        try makeDirectories(String(parent), mode: mode)
        try makeDirectory(path, mode: mode)
    }

    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The names in a directory; empty where it is not there.
    package static func entries(_ path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}
