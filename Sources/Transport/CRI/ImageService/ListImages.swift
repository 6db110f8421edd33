import GRPCCore

extension ImageService {
    package func listImages(
        request: Runtime_V1_ListImagesRequest, context: ServerContext
    ) async throws -> Runtime_V1_ListImagesResponse {
        let images = try await useCases.listImages(request.filter.image.image)
        return .with { $0.images = images.map(\.wire) }
    }
}
