import ByteText
import Glibc
import SmallFiles

/// Small readings of the host's files; an absent one is nil, not an error.
enum HostFiles {
    /// The names in a directory, unsorted; nil when there is none.
    static func names(in directory: String) -> [String]? {
        guard let stream = opendir(directory) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 && !isDirectory(path) }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The file's text, at most `limit` bytes of it.
    static func text(of path: String, limit: Int = 65536) -> String? {
        SmallFile.text(of: path, limit: limit, followingLinks: true, cutting: true)
    }

    /// The words of a file, split at white space; empty when it is absent.
    static func words(of path: String) -> [Substring] {
        text(of: path)?.words ?? []
    }

    /// A program by the directories services get; nil when there is none.
    static func program(_ name: String) -> String? {
        ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].map { $0 + "/" + name }
            .first(where: isExecutable)
    }
}
