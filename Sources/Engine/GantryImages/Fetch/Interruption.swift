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
    /// - Parameter stop: what makes work end that waits for somebody else.
    static func onThread<Value: Sendable>(
        stop: @escaping @Sendable () -> Void = {},
        _ body: @escaping @Sendable (Interruption) throws(EngineError) -> Value
    ) async throws(EngineError) -> Value {
        let interruption = Interruption()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, EngineError>, Never>) in
                do throws(EngineError) {
                    try OwnThread.start {
                        continuation.resume(
                            returning: Result { () throws(EngineError) in try body(interruption) })
                    }
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        } onCancel: {
            interruption.interrupt()
            stop()
        }
        return try result.get()
    }
}
