import GRPCCore

extension RuntimeService {
    package func runtimeConfig(
        request: Runtime_V1_RuntimeConfigRequest, context: ServerContext
    ) async throws -> Runtime_V1_RuntimeConfigResponse {
        switch useCases.runtimeConfig() {
        case .systemd: .with { $0.linux.cgroupDriver = .systemd }
        }
    }
}
