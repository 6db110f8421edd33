import Domain
import ServiceLifecycle

/// Measures writable layers, so that no caller has to wait for that.
struct LayerService: Service {
    let layers: WritableLayers

    func run() async throws {
        await cancelWhenGracefulShutdown { await layers.run() }
    }
}
