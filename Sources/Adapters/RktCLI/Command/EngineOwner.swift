import ByteText
import Domain

/// Which engine works in a data directory, written down in its file `engine`: an engine takes another's pods for its own remains.
struct EngineOwner {
    static let fileName = "engine"
    private let directory: RktStateDirectory

    init(in dataDirectory: String) { directory = RktStateDirectory(path: dataDirectory) }

    /// Writes it down where nothing is. On a full disk that is left to the next start: nothing else depends on it.
    ///
    /// - Throws: `unavailable` when the directory is another engine's.
    func claim(for dialect: RktDialect) throws(DomainError) {
        guard let owner = directory.lines(Self.fileName).first else {
            try? directory.write([dialect.rawValue], to: Self.fileName)
            return
        }
        guard owner.isSame(as: dialect.rawValue) else {
            throw DomainError(
                .unavailable,
                "dataDir \(directory.path) is the engine \(owner)'s, as its file \(Self.fileName) says, and this engine is \(dialect.rawValue): "
                    + "set another dataDir, or remove the pods with \(owner) and then that file")
        }
    }
}
