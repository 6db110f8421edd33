import GRPCCore

extension ImageService {
    package func imageStatus(
        request: Runtime_V1_ImageStatusRequest, context: ServerContext
    ) async throws -> Runtime_V1_ImageStatusResponse {
        let image = try await useCases.imageStatus(reference(request.hasImage, request.image))
        return .with {
            guard let image else { return }
            $0.image = image.wire
            if request.verbose { $0.info = image.diagnostics }
        }
    }
}
