import GantryCore

/// Watches a directory grow, once a second: a download offers no event to wait for.
struct StallWatch: Sendable {
    let path: String
    let timeout: Duration
    let progress: @Sendable (Int64) -> Void

    /// - Throws: `deadline` once nothing was written for the whole timeout.
    func run() async throws {
        let clock = ContinuousClock()
        var bytes: Int64 = 0
        var since = clock.now
        while true {
            try await Task.sleep(for: min(.seconds(1), timeout))
            let now = try OpenDirectory.open(path).measure().bytes
            if now != bytes {
                bytes = now
                since = clock.now
                progress(bytes)
            } else if clock.now - since >= timeout {
                throw EngineError(.deadline, "downloading it: nothing arrived for \(timeout), after \(bytes) bytes")
            }
        }
    }
}
