import ByteText
import Glibc

/// Bytes and inodes in use.
package struct DiskUsage: Equatable, Sendable {
    package var bytes: Int64 = 0
    package var inodes: Int64 = 0

    package init(bytes: Int64 = 0, inodes: Int64 = 0) {
        self.bytes = bytes
        self.inodes = inodes
    }

    /// What one file takes: its blocks, whatever its length says.
    init(_ status: stat) {
        self.init(bytes: Int64(status.st_blocks).multipliedSaturating(by: 512), inodes: 1)
    }

    static func += (sum: inout DiskUsage, other: DiskUsage) {
        sum.bytes = sum.bytes.addingSaturating(other.bytes)
        sum.inodes = sum.inodes.addingSaturating(other.inodes)
    }
}
