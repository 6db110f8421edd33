import Domain
import HostFacts
import Logging
import ServiceLifecycle

/// Tells in the log when the node gets its network, and when it loses it: as soon as files of CNI come, change or go.
///
/// What clients are told does not hang on it: each of their questions reads the files.
struct NetworkService: Service {
    let network: CNINetworkStatus
    /// Where configurations and plugins are looked for now.
    let directories: @Sendable () -> [String]
    let watch: DirectoriesWatch?
    let logger: Logger

    func run() async throws {
        guard let watch else {
            logger.warning(
                "changes of the network's configuration are not told here: no inotify instance; raise fs.inotify.max_user_instances"
            )
            // A service that returns ends the daemon.
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown {
            var last: RuntimeCondition?
            watch.nudge()
            for await _ in watch.wakeups {
                // Before the look: what happens after it is a wake-up of its own.
                watch.watch(directories())
                let now = await network.condition()
                if now != last { tell(now, isFirst: last == nil) }
                last = now
            }
        }
    }

    private func tell(_ condition: RuntimeCondition, isFirst: Bool) {
        guard condition.status else {
            logger.warning(
                "pods get no network", metadata: ["reason": "\(condition.reason)", "message": "\(condition.message)"])
            return
        }
        if !isFirst { logger.notice("pods get a network again") }
    }
}
