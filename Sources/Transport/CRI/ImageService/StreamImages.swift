import GRPCCore

extension ImageService {
    package func streamImages(
        request: Runtime_V1_StreamImagesRequest, response: RPCWriter<Runtime_V1_StreamImagesResponse>,
        context: ServerContext
    ) async throws {
        let images = try await useCases.listImages(request.filter.image.image)
        try await batches.send(images, to: response, item: \.wire) { items in .with { $0.images = items } }
    }
}
