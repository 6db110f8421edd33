import CallRecords
import Domain
import GRPCCore

extension ImageService {
    package func pullImage(
        request: Runtime_V1_PullImageRequest, context: ServerContext
    ) async throws -> Runtime_V1_PullImageResponse {
        let reference = try reference(request.hasImage, request.image)
        let credentials = try RegistryCredentials(wire: request.auth, at: FieldPath("auth"))
        // The kubelet says for which pod it pulls.
        if request.hasSandboxConfig, request.sandboxConfig.hasMetadata {
            let metadata = request.sandboxConfig.metadata
            let pod = useCases.podStory.pod(
                called: PodSandboxMetadata(
                    name: metadata.name, uid: metadata.uid, namespace: metadata.namespace, attempt: metadata.attempt))
            if let pod { RecordedCall.current?.concerns(pod: pod.rawValue) }
        }
        let id = try await useCases.pullImage(reference, credentials: credentials.isAnonymous ? nil : credentials)
        return .with { $0.imageRef = id.rawValue }
    }
}
