import GRPCCore

extension RuntimeService {
    package func version(
        request: Runtime_V1_VersionRequest, context: ServerContext
    ) async throws -> Runtime_V1_VersionResponse {
        let version = useCases.version()
        return .with {
            $0.version = version.version
            $0.runtimeName = version.runtimeName
            $0.runtimeVersion = version.runtimeVersion
            $0.runtimeApiVersion = version.runtimeAPIVersion
        }
    }
}
