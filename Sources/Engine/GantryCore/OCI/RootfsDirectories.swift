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
    ///
    /// One step for each component: the way from the root is gone again only where a link stands on it.
    /// - Parameter owner: of what is made; nil: this process.
    package static func make(_ path: String, in rootfs: Int32, owner: Owner? = nil) throws(EngineError) {
        var parent = try Descriptor(gantry_open_in_root(rootfs, ".", O_RDONLY | O_DIRECTORY), "open the image's root")
        var made = ""
        for component in path.words(at: "/") where component != "." && component != ".." {
            made += made.isEmpty ? String(component) : "/\(component)"
            if try !step(String(component), of: made, from: &parent, rootfs, owner) { return }
        }
    }

    /// - Returns: false where something else is in its place.
    private static func step(
        _ component: String, of path: String, from parent: inout Descriptor, _ rootfs: Int32, _ owner: Owner?
    ) throws(EngineError) -> Bool {
        let noFollow = O_RDONLY | O_DIRECTORY | O_NOFOLLOW
        var next = gantry_openat(parent.raw, component, noFollow, 0)
        if next < 0, errno == ENOENT {
            try makeOne(component, of: path, in: parent.raw, owner)
            next = gantry_openat(parent.raw, component, noFollow, 0)
        }
        // A link, perhaps to a directory.
        if next < 0, errno == ENOTDIR || errno == ELOOP {
            next = gantry_open_in_root(rootfs, path, O_RDONLY | O_DIRECTORY)
            if next < 0, errno == ENOTDIR { return false }
            if next < 0, errno == ENOENT || errno == ELOOP {
                throw EngineError(
                    .invalid,
                    "directory /\(path) of the image: is a symbolic link that leads nowhere in the image, so that nothing can be in it; give another working directory or volume"
                )
            }
        }
        parent = try Descriptor(next, "open /\(path) of the image")
        return true
    }

    private static func makeOne(
        _ component: String, of path: String, in parent: Int32, _ owner: Owner?
    ) throws(EngineError) {
        if mkdirat(parent, component, 0o755) < 0 {
            if errno == EEXIST { return }
            throw .posix("make directory /\(path) of the image", errno)
        }
        guard let owner else { return }
        let noFollow: Int32 = 0x100
        guard fchownat(parent, component, owner.uid, owner.gid, noFollow) == 0 else {
            throw .posix("give /\(path) of the image to the pod's root", errno)
        }
    }
}
