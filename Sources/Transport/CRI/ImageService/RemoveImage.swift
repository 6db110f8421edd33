import GRPCCore

extension ImageService {
    package func removeImage(
        request: Runtime_V1_RemoveImageRequest, context: ServerContext
    ) async throws -> Runtime_V1_RemoveImageResponse {
        try await useCases.removeImage(reference(request.hasImage, request.image))
        return .init()
    }
}
