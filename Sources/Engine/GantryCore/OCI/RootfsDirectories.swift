import CGantry
import Glibc

/// Makes directories in a root file system that an image filled: no link in it leads out.
package enum RootfsDirectories {
    /// Makes `path` with its parents, mode 0755; one that is there is fine, something else in its place is left to fail later.
    package static func make(_ path: String, in rootfs: Int32) throws(EngineError) {
        var made = ""
        for component in path.split(separator: "/") where component != "." && component != ".." {
            let parent = gantry_open_in_root(rootfs, made.isEmpty ? "." : made, O_RDONLY | O_DIRECTORY)
            guard parent >= 0 else {
                if errno == ENOTDIR { return }
                throw .posix("open /\(made) of the image", errno)
            }
            defer { close(parent) }
            made += made.isEmpty ? String(component) : "/\(component)"
            if mkdirat(parent, String(component), 0o755) < 0, errno != EEXIST {
                throw .posix("make directory /\(made) of the image", errno)
            }
        }
    }
}
