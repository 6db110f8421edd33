import ByteText
import Glibc

/// Free space of the file system that a directory is on, or will be on.
enum FreeSpace {
    static func bytes(below directory: String) -> UInt64? {
        var path = directory
        while true {
            var status = statvfs()
            if statvfs(path, &status) == 0 {
                return UInt64(status.f_bavail).multipliedSaturating(by: UInt64(status.f_frsize))
            }
            guard errno == ENOENT, let parent = path.parentPath, path != "/" else { return nil }
            path = String(parent)
        }
    }
}
