import CallRecords
import Domain
import GRPCCore

extension RuntimeService {
    package func runPodSandbox(
        request: Runtime_V1_RunPodSandboxRequest, context: ServerContext
    ) async throws -> Runtime_V1_RunPodSandboxResponse {
        guard request.hasConfig else { throw FieldPath("config").invalid("is missing") }
        let config = try PodSandboxConfig(wire: request.config, runtimeHandler: request.runtimeHandler)
        let id = try await useCases.runPodSandbox(config)
        RecordedCall.current?.about(id.rawValue)
        RecordedCall.current?.concerns(pod: id.rawValue)
        return .with { $0.podSandboxID = id.rawValue }
    }
}
