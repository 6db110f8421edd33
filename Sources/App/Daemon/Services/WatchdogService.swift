import ServiceLifecycle
import Systemd

/// Tells systemd that the daemon is alive, at half the interval it asks for (sd_watchdog_enabled(3)).
///
/// It runs on the same cooperative pool as the calls do, so a pool that is stuck is what systemd notices.
struct WatchdogService: Service {
    let notifier: Notifier
    let interval: Duration

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // The sleep ends early only when the task is cancelled.
            while (try? await Task.sleep(for: interval / 2)) != nil { _ = notifier.watchdog() }
        }
    }
}
