/// Measures what writable layers take of the disk.
package protocol LayerMeter: Sendable {
    /// Walks the layer, which takes as long as it has files; answers to cancellation. Never takes a thread of the cooperative pool.
    ///
    /// - Parameter layer: its directory, of the engine's record.
    /// - Returns: nil when it is gone, or does not answer.
    func measure(_ layer: String) async -> FilesystemUsage?

    /// Of the file system that the layers are on; nil when it does not say.
    func capacity() async -> FilesystemCapacity?
}

/// What a file system has.
package struct FilesystemCapacity: Hashable, Sendable {
    package var bytes: UInt64
    /// 0 where it makes them as they are needed.
    package var inodes: UInt64
    package var freeInodes: UInt64

    package init(bytes: UInt64, inodes: UInt64, freeInodes: UInt64) {
        self.bytes = bytes
        self.inodes = inodes
        self.freeInodes = freeInodes
    }
}
