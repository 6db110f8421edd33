import Domain
import GRPCCore

extension RuntimeService {
    package func portForward(
        request: Runtime_V1_PortForwardRequest, context: ServerContext
    ) async throws -> Runtime_V1_PortForwardResponse {
        let ports = try FieldPath("port").each(request.port) { (port, path) throws(DomainError) in
            guard let number = UInt16(exactly: port), number > 0 else {
                throw path.invalid("\(port) is no port: they are 1 to 65535")
            }
            return number
        }
        let id = try FieldPath("pod_sandbox_id").existingPodID(request.podSandboxID, among: useCases.identify)
        return try .with { $0.url = try useCases.portForward.address(into: id, ports: ports) }
    }
}
