/// Measures what writable layers take of the disk.
package protocol LayerMeter: Sendable {
    /// Walks the layer, which takes as long as it has files; answers to cancellation. Never takes a thread of the cooperative pool.
    ///
    /// - Parameter layer: its directory, of the engine's record.
    /// - Returns: nil when it is gone, or does not answer.
    func measure(_ layer: String) async -> FilesystemUsage?

    /// Bytes of the file system that the layers are on; nil when it does not say.
    func capacity() async -> UInt64?
}
