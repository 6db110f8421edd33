import Domain
import GRPCCore

extension ImageService {
    package func pullImage(
        request: Runtime_V1_PullImageRequest, context: ServerContext
    ) async throws -> Runtime_V1_PullImageResponse {
        let reference = try reference(request.hasImage, request.image)
        let credentials = try RegistryCredentials(wire: request.auth, at: FieldPath("auth"))
        let id = try await useCases.pullImage(reference, credentials: credentials.isAnonymous ? nil : credentials)
        return .with { $0.imageRef = id.rawValue }
    }
}
