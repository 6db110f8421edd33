import GantryCore

/// Watches a download grow: it offers no event to wait for.
struct StallWatch: Sendable {
    let timeout: Duration
    /// More than may arrive; nil: as much as likes to.
    let limit: Int64?
    /// Bytes that have arrived.
    let measure: @Sendable () -> Int64
    var progress: @Sendable (Int64) -> Void = { _ in }

    /// - Throws: `deadline` once nothing was written for the whole timeout, `invalid` once there is more than there may be.
    func run() async throws {
        let clock = ContinuousClock()
        var bytes: Int64 = 0
        var since = clock.now
        while true {
            try await Task.sleep(for: min(.milliseconds(500), timeout))
            let now = measure()
            if let limit, now > limit { throw Self.tooMuch(limit) }
            if now != bytes {
                bytes = now
                since = clock.now
                progress(bytes)
            } else if clock.now - since >= timeout {
                throw EngineError(.deadline, "downloading it: nothing arrived for \(timeout), after \(bytes) bytes")
            }
        }
    }

    static func tooMuch(_ limit: Int64) -> EngineError {
        EngineError(.invalid, "downloading it: more arrives than its manifest says (over \(limit) bytes)")
    }
}
