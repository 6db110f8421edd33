import GantryCore

/// Runs `operation` under the eyes of `watch`, which only ever ends by throwing: whichever ends first decides, and the other is cancelled
/// and waited for.
func watched<Value: Sendable>(
    by watch: @escaping @Sendable () async throws -> Void, _ operation: @escaping @Sendable () async throws -> Value
) async throws(EngineError) -> Value {
    do {
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await operation() }
            group.addTask {
                try await watch()
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    } catch {
        throw EngineError(asking: error)
    }
}

extension EngineError {
    /// What a task that asks a registry ended with.
    init(asking error: any Error) {
        self = error as? EngineError ?? EngineError(.unavailable, "was interrupted")
    }
}
