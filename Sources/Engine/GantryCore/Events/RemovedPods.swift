import ByteText
import CGantry
import Glibc

/// Tells that a pod is no more: its events move to `removed/<n>`, which readers see and follow to their end. The numbers have no gap and give
/// all removals one order. The newest files are kept for readers that are behind.
package enum RemovedPods {
    /// Files that are kept.
    private static let kept: UInt64 = 128

    /// Once the pod is out of sight for good. Repeatable; several callers at once tell it once.
    package static func tell(_ uuid: PodUUID, runDir: String) throws(EngineError) {
        let directory = try Descriptor(EventFiles.open(runDir: runDir), "open the events")
        let removed = try Descriptor(EventFiles.openRemoved(runDir: runDir), "open the events of removed pods")
        // Of a pod of another boot there are none yet. Who has the turn at cleaning up is the caller, or has nothing more to do.
        _ = try PodEventLog(uuid, runDir: runDir)
        var number = try highest(removed.raw)
        repeat {
            number += 1
            if gantry_rename_new(directory.raw, uuid.string, removed.raw, "\(number)") == 0 {
                unlinkat(directory.raw, EventFiles.previous(uuid), 0)
                unlinkat(directory.raw, EventFiles.aside(uuid), 0)
                try collect(removed.raw, below: number)
                return
            }
        } while errno == EEXIST
        // Somebody else was faster.
        guard errno == ENOENT else { throw .posix("move the events of pod \(uuid)", errno) }
    }

    /// The number of the last removal; 0 where there was none.
    static func highest(_ removed: Int32) throws(EngineError) -> UInt64 { try numbers(removed).max() ?? 0 }

    private static func numbers(_ removed: Int32) throws(EngineError) -> [UInt64] {
        // From the beginning, whatever was read through this descriptor before.
        guard lseek(removed, 0, SEEK_SET) >= 0 else { throw .posix("list removed pods", errno) }
        return try DirectoryEntries.read(removed, path: "the events of removed pods").compactMap {
            UInt64(digits: $0.name)
        }
    }

    private static func collect(_ removed: Int32, below newest: UInt64) throws(EngineError) {
        guard newest > kept else { return }
        for number in try numbers(removed) where number <= newest - kept { unlinkat(removed, "\(number)", 0) }
    }

    /// Tells of removals that were cut short before they could, and removes what killed writers left.
    package static func sweep(_ store: PodStore) throws(EngineError) {
        let path = EventFiles.directory(runDir: store.runDir)
        for name in try DirectoryEntries.names(AT_FDCWD, path, path: path) {
            if name.begins(with: ".images.") {
                removeOld("\(path)/\(name)")
                continue
            }
            // In that order: a pod that is made moves from the one to the other. What lives and is not found may be of another data directory.
            guard let uuid = PodUUID(name), !Files.exists("\(store.path(.prepare))/\(uuid)"),
                !Files.exists("\(store.path(.run))/\(uuid)"), !Files.exists(store.runPath(uuid))
            else { continue }
            try tell(uuid, runDir: store.runDir)
        }
    }

    private static func removeOld(_ path: String) {
        var info = stat()
        guard lstat(path, &info) == 0, Int64(info.st_mtim.tv_sec) < Clock.now() / 1_000_000_000 - 3600 else { return }
        unlink(path)
    }
}
