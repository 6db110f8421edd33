import CRI
import Domain
import ServiceLifecycle

/// Rebuilds the index, says so, and keeps it true for as long as the daemon serves; longer than the transports, whose last calls read it.
struct IndexService: Service {
    let useCases: UseCases
    let gate: StartupGate
    /// Finished once the index is whole.
    let recovered: AsyncStream<Never>.Continuation

    func run() async throws {
        do {
            try await useCases.recover()
        } catch {
            throw StartError("cannot rebuild the state of this node: \(error.message)")
        }
        gate.open()
        recovered.finish()
        await cancelWhenGracefulShutdown { await useCases.followEngine.run() }
        await useCases.drain()
    }
}

/// Why the daemon does not start, or cannot go on.
package struct StartError: Error, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}
