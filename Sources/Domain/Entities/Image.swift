/// An image that is whole and verified in the store.
package struct Image: Hashable, Sendable {
    package let id: ImageID
    package var repoTags: [String]
    package var repoDigests: [String]
    /// Bytes on disk, above 0.
    package var size: UInt64
    /// The user of the image's config: a number, or a name, or neither (root).
    package var uid: Int64?
    package var username: String
    package var annotations: [String: String]
    package var pinned: Bool

    package init(
        id: ImageID, repoTags: [String], repoDigests: [String], size: UInt64, uid: Int64? = nil, username: String = "",
        annotations: [String: String] = [:], pinned: Bool = false
    ) {
        self.id = id
        self.repoTags = repoTags
        self.repoDigests = repoDigests
        self.size = size
        self.uid = uid
        self.username = username
        self.annotations = annotations
        self.pinned = pinned
    }
}

/// What a file system holds for us (CRI `FilesystemUsage`).
package struct FilesystemUsage: Hashable, Sendable {
    package var timestamp: Timestamp
    package var mountpoint: String
    package var usedBytes: UInt64
    package var inodesUsed: UInt64
    package init(timestamp: Timestamp, mountpoint: String, usedBytes: UInt64, inodesUsed: UInt64) {
        self.timestamp = timestamp
        self.mountpoint = mountpoint
        self.usedBytes = usedBytes
        self.inodesUsed = inodesUsed
    }
}
