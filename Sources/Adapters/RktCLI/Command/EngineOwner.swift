import ByteText
import Domain
import SmallFiles

/// Keeps engines apart by what is written down in their data directory, see `EngineMarker`.
struct EngineOwner {
    private let directory: RktStateDirectory

    init(in dataDirectory: String) { directory = RktStateDirectory(path: dataDirectory) }

    /// Writes it down where nothing is. On a full disk that is left to the next start: nothing else depends on it.
    ///
    /// - Throws: `failedPrecondition` when the directory is another engine's, or cannot be told to be this one's.
    func claim(for dialect: RktDialect) throws(DomainError) {
        let owner: String?
        do throws(EngineMarker.Refusal) {
            owner = try EngineMarker.owner(of: directory.path)
        } catch {
            throw DomainError(.failedPrecondition, "dataDir: \(error)")
        }
        guard let owner else {
            try? directory.write([dialect.rawValue], to: EngineMarker.fileName)
            return
        }
        guard owner.isSame(as: dialect.rawValue) else {
            throw DomainError(
                .failedPrecondition,
                "dataDir \(directory.path) is the engine \(owner)'s, as its file \(EngineMarker.fileName) says, and this engine is \(dialect.rawValue): "
                    + "set another dataDir, or remove the pods with \(owner) and then that file")
        }
    }
}
