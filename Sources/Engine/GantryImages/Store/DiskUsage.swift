/// Bytes and inodes in use.
package struct DiskUsage: Equatable, Sendable {
    package var bytes: Int64 = 0
    package var inodes: Int64 = 0

    package init(bytes: Int64 = 0, inodes: Int64 = 0) {
        self.bytes = bytes
        self.inodes = inodes
    }

    static func += (sum: inout DiskUsage, other: DiskUsage) {
        sum.bytes += other.bytes
        sum.inodes += other.inodes
    }
}
