import GantryCore

/// The right to fetch one manifest from one place: whoever comes second waits, and then finds the work done. Who fetches the same from another
/// registry does not wait: this one may take as long as it likes.
struct PullTurn: ~Copyable {
    private let lock: FileLock
    private let name: String
    private let directory: OpenDirectory

    private init(lock: consuming FileLock, name: String, directory: OpenDirectory) {
        self.lock = lock
        self.name = name
        self.directory = directory
    }

    /// Lets the next one have it; so does forgetting the value.
    consuming func end() {}

    deinit {
        // Removed while still locked: a waiter that gets the lock sees that the file is gone and makes a new one.
        try? directory.remove(name)
    }

    /// Waits for a pull of a day if need be; a cancelled task stops waiting. flock(2) has no event to wait for.
    static func wait(
        for manifest: Digest, from source: ImageSource, in directory: OpenDirectory
    ) async throws(EngineError) -> PullTurn {
        let name = "pull-\(SHA256.digest(of: Array("\(source.place)@\(manifest)".utf8)).hex)"
        while true {
            if let lock = try FileLock(trying: name, in: directory, create: true), lock.isOn(name, in: directory) {
                return PullTurn(lock: lock, name: name, directory: directory)
            }
            do {
                try await Task.sleep(for: .milliseconds(100))
            } catch {
                throw EngineError(.unavailable, "was interrupted")
            }
        }
    }
}

extension ImageSource {
    /// Where the content comes from, whatever it is called there.
    fileprivate var place: String {
        switch self {
        case .registry(let reference): reference.repository
        case .layout(let path, _), .dockerArchive(let path, _): path
        }
    }
}
