import ByteText
import Glibc

/// Free space of the file system that a directory is on, or will be on.
enum FreeSpace {
    static func bytes(below directory: String) -> UInt64? {
        var path = directory
        while true {
            var status = statvfs()
            if statvfs(path, &status) == 0 {
                // What a file system says of itself: more than can be counted is as much as can be counted.
                let (bytes, isMore) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
                return isMore ? .max : bytes
            }
            guard errno == ENOENT, let parent = path.parentPath, path != "/" else { return nil }
            path = String(parent)
        }
    }
}
