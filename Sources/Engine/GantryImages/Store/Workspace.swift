import GantryCore
import Glibc

/// A private directory below `images/tmp`, gone with the value. It is locked while in use, so that whatever is not locked was left by a
/// killed process and may be swept.
struct Workspace: ~Copyable {
    let directory: OpenDirectory
    private let name: String
    private let parent: OpenDirectory
    private let lock: FileLock

    init(in parent: OpenDirectory) throws(EngineError) {
        // An image that is pulled again soon after its removal took up to three times as long.
        parent.spread()
        while true {
            let name = "w\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
            // A sweeper may come between each two of these steps: then it removes the directory and another is made.
            guard let directory = try Self.make(name, in: parent),
                let lock = try FileLock(trying: name, in: parent, create: false), lock.isOn(name, in: parent)
            else { continue }
            self.directory = directory
            self.name = name
            self.parent = parent
            self.lock = lock
            return
        }
    }

    /// nil where it is gone again at once.
    private static func make(_ name: String, in parent: OpenDirectory) throws(EngineError) -> OpenDirectory? {
        do throws(EngineError) {
            return try parent.make(name, mode: 0o700)
        } catch {
            if error.code == .notFound { return nil }
            throw error
        }
    }

    /// Removes it; so does forgetting the value.
    consuming func remove() {}

    deinit {
        // What cannot be removed now is swept by the next command.
        try? parent.removeTree(name)
    }

    /// Removes what killed processes left.
    static func sweep(_ parent: OpenDirectory) throws(EngineError) {
        for name in try parent.names() {
            // Whoever held it may have let go and another begun anew under that name, between this one's opening and locking it.
            guard let lock = try FileLock(trying: name, in: parent, create: false), lock.isOn(name, in: parent) else {
                continue
            }
            // One that cannot be removed now is no reason to stop whatever else is to be done; the next sweep tries again.
            try? parent.removeTree(name)
            lock.release()
        }
    }
}
