import Domain
import GRPCCore

extension RuntimeService {
    package func listMetricDescriptors(
        request: Runtime_V1_ListMetricDescriptorsRequest, context: ServerContext
    ) async throws -> Runtime_V1_ListMetricDescriptorsResponse {
        .with { $0.descriptors = MetricName.allCases.map(\.wire) }
    }
}
