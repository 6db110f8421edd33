import GantryCore
import GantryImages

extension GlobalOptions {
    /// The image store, which tells readers of events about its changes.
    func imageStore() throws(EngineError) -> ImageStore {
        try ImageStore(dataDirectory: dir) { [runDir] in
            do throws(EngineError) {
                try ImageChanges.tell(runDir: runDir)
            } catch {
                Output.error("image: readers of events could not be told: \(error.message)")
            }
        }
    }
}
