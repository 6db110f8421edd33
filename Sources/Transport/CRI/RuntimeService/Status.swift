import GRPCCore

extension RuntimeService {
    package func status(
        request: Runtime_V1_StatusRequest, context: ServerContext
    ) async throws -> Runtime_V1_StatusResponse {
        let report = await useCases.runtimeStatus()
        return .with {
            $0.status.conditions = (report.conditions + report.advisories).map(\.wire)
            $0.runtimeHandlers = report.handlers.map(\.wire)
            $0.features.supplementalGroupsPolicy = report.supplementalGroupsPolicy
            // A pod on the host's network with a user namespace is refused when it is asked for.
            $0.features.userNamespacesHostNetwork = false
            $0.features.mountOptions = report.mountOptions
            if request.verbose { $0.info = ["info": JSONObject(report.details).description] }
        }
    }
}
