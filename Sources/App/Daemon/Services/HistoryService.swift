import Domain
import ServiceLifecycle

/// Keeps what containers used, so that a curve has a beginning when somebody looks.
struct HistoryService: Service {
    let history: UsageHistory

    func run() async throws {
        await cancelWhenGracefulShutdown { await history.run() }
    }
}
