import Domain

extension Image {
    package var wire: Runtime_V1_Image {
        .with {
            $0.id = id.rawValue
            $0.repoTags = repoTags
            $0.repoDigests = repoDigests
            $0.size = size
            if let uid { $0.uid.value = uid }
            $0.username = username
            $0.spec.image = id.rawValue
            $0.spec.annotations = annotations
            $0.pinned = pinned
        }
    }

    /// What a verbose status adds.
    package var diagnostics: [String: String] {
        ["info": JSONObject([("id", .text(id.rawValue)), ("size", .text(String(size)))]).description]
    }
}

extension FilesystemUsage {
    package var wire: Runtime_V1_FilesystemUsage {
        .with {
            $0.timestamp = timestamp.nanoseconds
            $0.fsID.mountpoint = mountpoint
            $0.usedBytes.value = usedBytes
            $0.inodesUsed.value = inodesUsed
        }
    }
}
