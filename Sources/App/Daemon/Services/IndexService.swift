import CRI
import Domain
import Logging
import ServiceLifecycle

/// Rebuilds the index, says so, and keeps it true for as long as the daemon serves; longer than the transports, whose last calls read it.
/// What an earlier daemon left behind is cleaned up meanwhile.
struct IndexService: Service {
    let useCases: UseCases
    let gate: StartupGate
    /// Finished once the index is whole.
    let recovered: AsyncStream<Never>.Continuation

    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            guard let leftovers = await recover() else { return }
            gate.open()
            recovered.finish()
            async let cleaned: Void = useCases.recover.cleanUp(leftovers)
            await useCases.followEngine.run()
            await cleaned
        }
        recovered.finish()
        await useCases.drain()
    }

    /// Tries until the engine and systemd answer: what keeps them is nothing that a start of this process anew would mend.
    ///
    /// - Returns: nil when the daemon is to end before that.
    private func recover() async -> Recover.Leftovers? {
        var pause = Duration.milliseconds(250)
        while true {
            do throws(DomainError) {
                return try await useCases.recover()
            } catch {
                if Task.isCancelled { return nil }
                logger.error(
                    "the state of this node cannot be read yet; it is tried again",
                    metadata: ["error": "\(error.message)"])
            }
            guard (try? await Task.sleep(for: pause)) != nil else { return nil }
            pause = min(pause * 2, .seconds(5))
        }
    }
}

/// Why the daemon does not start, or cannot go on.
package struct StartError: Error, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}
