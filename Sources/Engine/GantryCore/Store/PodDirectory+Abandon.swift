import CGantry
import Glibc

extension PodDirectory {
    /// Its presence says that nobody wants the pod: its making was given up and is being taken back.
    static let abandonedFile = "abandoned"

    /// Writes down, for good, that the pod's making was given up. A pod that is marked already is fine.
    package func markAbandoned() throws(EngineError) {
        let file = gantry_openat(fd, Self.abandonedFile, O_WRONLY | O_CREAT | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw .posix("create \(path)/\(Self.abandonedFile)", errno) }
        close(file)
        try StoreFile.syncDirectory(fd, path: "\(path)/\(Self.abandonedFile)")
    }
}
