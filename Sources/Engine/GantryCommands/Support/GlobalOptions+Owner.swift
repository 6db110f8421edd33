import ByteText
import GantryCore
import SmallFiles

extension GlobalOptions {
    /// To be called before anything is collected: what is there would look like remains.
    ///
    /// - Throws: `precondition` when the directory is another engine's, or may be.
    func checkOwner() throws(EngineError) {
        guard let other = try otherOwner() else { return }
        throw EngineError(
            .precondition,
            "\(dir): is the engine \(other)'s, as \(dir)/\(EngineMarker.fileName) says: gantry touches nothing there; --dir names another"
        )
    }

    /// The engine that works in the directory where it is another one; the daemon has written it down.
    ///
    /// - Throws: `precondition` when that cannot be read.
    func otherOwner() throws(EngineError) -> String? {
        do throws(EngineMarker.Refusal) {
            return try EngineMarker.owner(of: dir).flatMap { $0.isSame(as: "gantry") ? nil : $0 }
        } catch {
            throw EngineError(.precondition, "\(error); until then gantry touches nothing there")
        }
    }
}
