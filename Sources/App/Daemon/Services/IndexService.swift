import CRI
import Domain
import Logging
import ServiceLifecycle

/// Rebuilds the index, says so, and keeps it true for as long as the daemon serves; longer than the transports, whose last calls read it.
/// What an earlier daemon left behind is cleaned up meanwhile.
struct IndexService: Service {
    let useCases: UseCases
    let gate: StartupGate
    /// Opened once the index is whole.
    let recovered: Latch
    /// What no further try mends; nil as long as nothing of that kind is known.
    let refusal: @Sendable () -> DomainError?

    let logger: Logger

    func run() async throws {
        let isClean = Flag()
        try await cancelWhenGracefulShutdown {
            guard let leftovers = try await recover() else { return }
            gate.open()
            recovered.open()
            async let cleaned: Void = cleanUp(leftovers, isClean)
            await useCases.followEngine.run()
            await cleaned
        }
        await useCases.drain(cleaningUp: !isClean.isRaised)
    }

    private func cleanUp(_ leftovers: Recover.Leftovers, _ isClean: Flag) async {
        await useCases.recover.cleanUp(leftovers)
        if !Task.isCancelled { isClean.raise() }
    }

    /// Tries until the engine and systemd answer: what keeps them is nothing that a start of this process anew would mend.
    ///
    /// - Returns: nil when the daemon is to end before that.
    /// - Throws: ``StartError`` for what no further try mends.
    private func recover() async throws -> Recover.Leftovers? {
        var pause = Duration.milliseconds(250)
        while true {
            do throws(DomainError) {
                return try await useCases.recover()
            } catch {
                if Task.isCancelled { return nil }
                if let refusal = refusal() { throw StartError(refusal.message) }
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
