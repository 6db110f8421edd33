/// What a reader accepts at most. Text from a peer or a child process is hostile until it was read.
package struct JSONLimits: Equatable, Sendable {
    /// Arrays and objects inside one another.
    package var maximumDepth: Int
    /// Bytes of text.
    package var maximumSize: Int
    /// Values, and keys of objects: an empty object of two bytes takes nearly a kilobyte while it is read.
    package var maximumValues: Int

    /// 64 levels, 64 MiB, four million values: above any inventory the engine prints, below what would hurt the daemon.
    package static let `default` = JSONLimits()

    /// - Parameters:
    ///   - maximumDepth: at least 1, at most 512; reading is recursive.
    ///   - maximumSize: bytes, at most 1 GiB.
    ///   - maximumValues: at least 1.
    package init(maximumDepth: Int = 64, maximumSize: Int = 64 << 20, maximumValues: Int = 4_000_000) {
        self.maximumValues = max(maximumValues, 1)
        self.maximumDepth = min(max(maximumDepth, 1), 512)
        self.maximumSize = min(max(maximumSize, 0), 1 << 30)
    }
}
