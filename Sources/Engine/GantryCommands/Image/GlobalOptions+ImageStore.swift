import GantryCore
import GantryImages

extension GlobalOptions {
    /// The image store, which tells the event log about its changes.
    func imageStore() throws(EngineError) -> ImageStore {
        try ImageStore(dataDirectory: dir) { [runDir] in
            do throws(EngineError) {
                try EventLog(runDir: runDir).append(.images)
            } catch {
                Output.error("image: the event log could not be told: \(error.message)")
            }
        }
    }
}
