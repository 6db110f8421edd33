import CArchive
import GantryCore
import Glibc

/// Files and directories that are to be on disk: these, several at a time, and nothing else of their file system, which others may be
/// filling.
final class SyncedFiles {
    private var files: [Int32] = []

    /// Descriptors held open at once.
    private static let batch = 64

    init() {}

    deinit { forget() }

    /// - Parameter file: an open descriptor, which is taken over.
    func add(_ file: Int32) throws(EngineError) {
        files.append(file)
        if files.count == Self.batch { try sync() }
    }

    /// A directory as it is when it is synced: the names in it, its attributes.
    func add(_ directory: OpenDirectory) throws(EngineError) { try add(copying: directory.descriptor) }

    /// - Parameter file: an open descriptor, which stays the caller's.
    func add(copying file: Int32) throws(EngineError) {
        let copy = fcntl(file, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw .posix("writing to disk", errno) }
        try add(copy)
    }

    /// Returns when all of them are on disk.
    func sync() throws(EngineError) {
        let cause = gantry_archive_sync_all(files, files.count)
        forget()
        guard cause == 0 else { throw .posix("writing to disk", cause) }
    }

    private func forget() {
        for file in files { close(file) }
        files = []
    }
}
