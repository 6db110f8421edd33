import Glibc

/// Whether a path leads to something; symbolic links are followed.
enum FilePresence {
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
