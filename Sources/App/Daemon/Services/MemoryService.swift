import HostFacts
import Logging
import NIOPosix
import ServiceLifecycle

/// Gives memory back that a flood of requests, or a long list, has taken and nobody uses any more.
struct MemoryService: Service {
    /// A peak is given back so soon after it.
    private static let interval: Duration = .seconds(15)

    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var policy = HeapPolicy()
            // The sleep ends early only when the task is cancelled. Nothing says when memory has become free.
            while (try? await Task.sleep(for: Self.interval)) != nil {
                let before = HeapMemory.now()
                guard policy.shallGiveBack(before) else { continue }
                // Not on the pool that calls are served on: after a large peak it takes a while.
                try? await NIOThreadPool.singleton.runIfActive { HeapMemory.giveBack() }
                let after = HeapMemory.now()
                policy.gaveBack(after)
                logger.debug(
                    "memory was given back",
                    metadata: [
                        "resident-before": "\(before.resident)", "resident-after": "\(after.resident)",
                        "in-use": "\(after.inUse)",
                    ])
            }
        }
    }
}
