import ByteText
import CGantry
import Glibc

/// The machine this runs on.
package struct LocalHost: SpecHost {
    package init() {}

    package func resolve(_ path: String) throws(EngineError) -> HostPath? {
        guard let resolved = realpath(path, nil) else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .posix("resolve \(path)", errno)
        }
        defer { free(resolved) }
        let text = String(cString: resolved)
        var info = stat()
        guard lstat(text, &info) == 0 else {
            if errno == ENOENT { return nil }
            throw .posix("look at \(text)", errno)
        }
        return HostPath(path: text, isDirectory: info.st_mode & S_IFMT == S_IFDIR)
    }

    package func entry(_ path: String, in root: String) throws(EngineError) -> HostEntry? {
        let directory = try Descriptor(gantry_open_path(root), "open \(root)")
        let found = gantry_open_in_root(directory.raw, path, gantry_o_path() | O_NOFOLLOW)
        guard found >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .posix("look at \(path) in \(root)", errno)
        }
        defer { close(found) }
        var info = stat()
        guard fstat(found, &info) == 0 else { throw .posix("look at \(path) in \(root)", errno) }
        switch info.st_mode & S_IFMT {
        case S_IFDIR: return .directory
        case S_IFLNK: return .link(try Self.target(of: found, path))
        default: return .other
        }
    }

    private static func target(of link: Int32, _ path: String) throws(EngineError) -> String {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlinkat(link, "", &bytes, bytes.count)
        guard count >= 0 else { throw .posix("read the link \(path)", errno) }
        return String(decoding: bytes.prefix(count).map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
    }

    package func device(_ path: String) throws(EngineError) -> DeviceNode? {
        var info = stat()
        guard stat(path, &info) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .posix("look at \(path)", errno)
        }
        return Self.node(path, info)
    }

    package func devices(below directory: String) throws(EngineError) -> [DeviceNode] {
        var nodes: [DeviceNode] = []
        for name in try list(directory) {
            let path = directory == "/" ? "/\(name)" : "\(directory)/\(name)"
            var info = stat()
            // A device may vanish while the directory is read.
            guard lstat(path, &info) == 0 else { continue }
            if info.st_mode & S_IFMT == S_IFDIR {
                nodes += try devices(below: path)
            } else if let node = Self.node(path, info) {
                nodes.append(node)
            }
        }
        return nodes
    }

    package func read(_ path: String) throws(EngineError) -> [UInt8]? {
        let descriptor = gantry_openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, 0)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .posix("open \(path)", errno)
        }
        defer { close(descriptor) }
        return try BoundedRead.all(descriptor, path: path, limit: 8 << 20)
    }

    package func list(_ directory: String) throws(EngineError) -> [String] {
        let descriptor = gantry_openat(AT_FDCWD, directory, O_RDONLY | O_DIRECTORY, 0)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return [] }
            throw .posix("open \(directory)", errno)
        }
        defer { close(descriptor) }
        return try DirectoryEntries.read(descriptor, path: directory).map(\.name).sorted()
    }

    package func propagation(of path: String) throws(EngineError) -> MountPropagation {
        let descriptor = gantry_openat(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY, 0)
        guard descriptor >= 0 else { throw .posix("open /proc/self/mountinfo", errno) }
        defer { close(descriptor) }
        let bytes = try BoundedRead.all(descriptor, path: "/proc/self/mountinfo", limit: 64 << 20)
        return MountInfo.propagation(of: path, in: String(decoding: bytes, as: UTF8.self))
    }

    package func restrictions(of path: String) throws(EngineError) -> [String] {
        var info = statvfs()
        guard statvfs(path, &info) == 0 else { throw .posix("look at the mount of \(path)", errno) }
        return Self.flags.filter { info.f_flag & $0.flag != 0 }.map(\.name)
    }

    /// statvfs(3), bits/statvfs.h.
    private static let flags: [(flag: UInt, name: String)] = [
        (1, "ro"), (2, "nosuid"), (4, "nodev"), (8, "noexec"), (1024, "noatime"), (2048, "nodiratime"),
        (4096, "relatime"),
    ]

    private static func node(_ path: String, _ info: stat) -> DeviceNode? {
        let kind: DeviceNode.Kind
        switch info.st_mode & S_IFMT {
        case S_IFCHR: kind = .character
        case S_IFBLK: kind = .block
        default: return nil
        }
        return DeviceNode(
            path: path, kind: kind, major: Int64(gantry_major(UInt64(info.st_rdev))),
            minor: Int64(gantry_minor(UInt64(info.st_rdev))), mode: Int64(info.st_mode & 0o7777),
            uid: Int64(info.st_uid), gid: Int64(info.st_gid))
    }
}

/// Reads files whose size somebody else decides.
enum BoundedRead {
    /// Everything, or an error where it is more than `limit` bytes.
    static func all(_ descriptor: Int32, path: String, limit: Int) throws(EngineError) -> [UInt8] {
        var bytes: [UInt8] = []
        let space = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 1)
        defer { space.deallocate() }
        while true {
            let got = Glibc.read(descriptor, space.baseAddress, space.count)
            if got < 0 {
                if errno == EINTR { continue }
                throw .posix("read \(path)", errno)
            }
            if got == 0 { return bytes }
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: space[..<got]))
            guard bytes.count <= limit else {
                throw EngineError(.invalid, "read \(path): larger than \(limit) bytes")
            }
        }
    }
}

/// Reads the text of /proc/self/mountinfo (proc(5)).
enum MountInfo {
    /// Of the mount that shows `path`: the last one listed of those with the longest mount point above it.
    static func propagation(of path: String, in text: String) -> MountPropagation {
        var best = MountPropagation(mountPoint: "/", isShared: false, isSlave: false)
        for line in text.words(at: "\n") {
            let fields = line.words(at: " ")
            guard fields.count > 6 else { continue }
            let point = unescape(fields[4])
            guard point.utf8.count >= best.mountPoint.utf8.count, contains(point, path) else { continue }
            let tags = fields[6...].prefix { $0 != "-" }
            best = MountPropagation(
                mountPoint: point, isShared: tags.contains { $0.begins(with: "shared:") },
                isSlave: tags.contains { $0.begins(with: "master:") })
        }
        return best
    }

    private static func contains(_ point: String, _ path: String) -> Bool {
        point == "/" || path.isSame(as: point) || path.begins(with: point + "/")
    }

    /// White space and backslashes are written as three octal digits.
    private static func unescape(_ field: Substring) -> String {
        guard field.utf8.contains(UInt8(ascii: "\\")) else { return String(field) }
        var bytes: [UInt8] = []
        var rest = field.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3,
                let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
