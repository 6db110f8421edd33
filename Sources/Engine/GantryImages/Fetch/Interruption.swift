import Dispatch
import GantryCore
import Synchronization

/// Tells work on a thread of its own that its task was cancelled.
final class Interruption: Sendable {
    private let flag = Atomic<Bool>(false)

    func interrupt() { flag.store(true, ordering: .relaxed) }

    /// - Throws: `unavailable` once it was interrupted.
    func check() throws(EngineError) {
        if flag.load(ordering: .relaxed) { throw EngineError(.unavailable, "was interrupted") }
    }

    /// Runs work that blocks and computes on a thread of its own, and waits for its end.
    static func onThread<Value: Sendable>(
        _ body: @escaping @Sendable (Interruption) throws(EngineError) -> Value
    ) async throws -> Value {
        let interruption = Interruption()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                DispatchQueue.global().async {
                    continuation.resume(
                        with: Result { () throws(EngineError) in try body(interruption) }.mapError { $0 as any Error })
                }
            }
        } onCancel: {
            interruption.interrupt()
        }
    }
}
