import ByteText
import CGantry
import Glibc

/// Makes directories in a root file system that an image filled: no link in it leads out.
package enum RootfsDirectories {
    /// On the host.
    package struct Owner: Equatable, Sendable {
        package var uid: UInt32
        package var gid: UInt32
    }

    /// Makes `path` with its parents, mode 0755; one that is there is fine, something else in its place is left to fail later.
    /// - Parameter owner: of what is made; nil: this process.
    package static func make(_ path: String, in rootfs: Int32, owner: Owner? = nil) throws(EngineError) {
        var made = ""
        for component in path.words(at: "/") where component != "." && component != ".." {
            let parent = gantry_open_in_root(rootfs, made.isEmpty ? "." : made, O_RDONLY | O_DIRECTORY)
            guard parent >= 0 else {
                if errno == ENOTDIR { return }
                throw .posix("open /\(made) of the image", errno)
            }
            defer { close(parent) }
            made += made.isEmpty ? String(component) : "/\(component)"
            if mkdirat(parent, String(component), 0o755) < 0 {
                if errno == EEXIST { continue }
                throw .posix("make directory /\(made) of the image", errno)
            }
            guard let owner else { continue }
            let noFollow: Int32 = 0x100
            guard fchownat(parent, String(component), owner.uid, owner.gid, noFollow) == 0 else {
                throw .posix("give /\(made) of the image to the pod's root", errno)
            }
        }
    }
}
