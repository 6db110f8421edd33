import ByteText
import HostFacts
import SmallFiles

/// Whether the data directory is this engine's: the daemon does not start where it is another's.
extension LiveChecks {
    /// - Parameter engine: what the engine of the configuration calls itself; nil where it does not answer.
    package static func owner(_ settings: Settings, engine: String?) -> HostCheck {
        let name = "owner"
        let owner: String?
        do throws(EngineMarker.Refusal) {
            owner = try EngineMarker.owner(of: settings.dataDir)
        } catch {
            return HostCheck(
                name, .failure, "\(error)",
                remedy: "the daemon does not start with it, and gantry collects nothing there")
        }
        guard let owner else { return .ok(name, "\(settings.dataDir) is no engine's yet") }
        guard let engine, !owner.isSame(as: engine) else {
            return .ok(name, "\(settings.dataDir) is the engine \(owner)'s")
        }
        return HostCheck(
            name, .failure,
            "\(settings.dataDir) is the engine \(owner)'s, as its file \(EngineMarker.fileName) says, and the engine of the configuration is \(engine)",
            remedy:
                "the daemon does not start with it: set another dataDir, or remove the pods with \(owner) and then that file"
        )
    }
}
