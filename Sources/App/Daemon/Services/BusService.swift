import ServiceLifecycle
import Systemd

/// The thread that owns the system bus; the last to go, since stopping pods needs it.
struct BusService: Service {
    let bus: SystemdBus

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await bus.run() }
    }
}
