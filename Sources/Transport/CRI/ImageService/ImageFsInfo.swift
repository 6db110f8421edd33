import GRPCCore

extension ImageService {
    package func imageFsInfo(
        request: Runtime_V1_ImageFsInfoRequest, context: ServerContext
    ) async throws -> Runtime_V1_ImageFsInfoResponse {
        let usage = try await useCases.imageFsInfo()
        return .with {
            $0.imageFilesystems = [usage.images.wire]
            $0.containerFilesystems = [usage.containers.wire]
        }
    }
}
