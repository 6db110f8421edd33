import Synchronization

/// What is known of the engine itself: what it can do (asked once) and whether it answered last.
package final class EngineFacts: Sendable {
    private struct State {
        var features: EngineFeatures?
        var failure: DomainError?
        var isFollowed = false
        var confirmedAt: ContinuousClock.Instant?
    }

    private let engine: any PodEngine
    private let state = Mutex(State())

    package init(engine: any PodEngine) {
        self.engine = engine
    }

    /// Asked of the engine until it has answered once.
    package func features() async throws(DomainError) -> EngineFeatures {
        if let features = state.withLock({ $0.features }) { return features }
        let features = try await engine.features
        state.withLock { $0.features = features }
        return features
    }

    /// Why the last inventory failed; nil when it did not.
    package var failure: DomainError? { state.withLock { $0.failure } }

    /// Whether somebody reads the engine's events.
    package var isFollowed: Bool { state.withLock { $0.isFollowed } }

    package func follow(_ followed: Bool) { state.withLock { $0.isFollowed = followed } }

    /// How long ago the engine's inventory was last read; nil before the first time.
    package var age: Duration? { state.withLock { $0.confirmedAt }.map { .now - $0 } }

    /// Writes how the last inventory went.
    package func note(_ failure: DomainError?) {
        state.withLock { state in
            state.failure = failure
            if failure == nil { state.confirmedAt = .now }
        }
    }
}
