import Logging
import NIOPosix
import ServiceLifecycle
import Systemd
import UnixSignals

/// Reads the configuration anew at each SIGHUP, and says what came of it. One that cannot be read, or has a bad value, changes nothing.
struct ReloadService: Service {
    /// Caught from before the services run: until then the signal would end the process.
    let signals: UnixSignalsSequence
    let settings: LiveSettings
    let read: @Sendable () throws(SettingsError) -> Settings
    /// Whether systemd takes this daemon for ready: only then is there anything to tell it.
    let isReady: Flag
    let notifier: Notifier
    let logger: Logger
    /// Has the settings heeded that are not asked for at each use.
    let apply: @Sendable (Settings) -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in signals { await reload() }
        }
    }

    private func reload() async {
        let tellsSystemd = isReady.isRaised
        if tellsSystemd { _ = notifier.reloading() }
        defer { if tellsSystemd { _ = notifier.ready() } }
        do {
            // Not on the pool that calls are served on: it reads files.
            let new = try await NIOThreadPool.singleton.runIfActive { [read] in try read() }
            let outcome = settings.take(new)
            apply(settings.current)
            tell(outcome)
        } catch {
            logger.error(
                "the configuration cannot be read; the one before stays in force", metadata: ["error": "\(error)"])
        }
    }

    /// Names alone: proxies may hold passwords.
    private func tell(_ outcome: LiveSettings.Outcome) {
        let taken = outcome.taken.map(\.rawValue).joined(separator: ", ")
        logger.notice(
            outcome.taken.isEmpty
                ? "the configuration was read; nothing of it is new that can change now"
                : "the configuration was read, and what is new of it taken",
            metadata: outcome.taken.isEmpty ? [:] : ["taken": "\(taken)"])
        guard !outcome.needRestart.isEmpty else { return }
        logger.warning(
            "settings have changed that only a restart takes: systemctl restart rktlet",
            metadata: ["settings": "\(outcome.needRestart.map(\.rawValue).joined(separator: ", "))"])
    }
}
