import Domain
import GRPCCore
import GRPCProtobuf
import SwiftProtobuf

/// The lists of pods and containers, served from bytes: the same answers as `RuntimeService` gives, but not encoded again as
/// long as nothing changed; that of images, which may be ten thousand and are never there as messages all together; and the
/// streams of all lists, whose items are encoded once to be measured and sent. Registered after the services, these take the
/// place of their methods.
struct EncodedLists: RegistrableRPCService {
    private typealias Method = Runtime_V1_RuntimeService.Method
    private typealias ImageMethod = Runtime_V1_ImageService.Method

    let useCases: UseCases
    let batches: ListBatches
    private let containers = EncodedList<Container>()
    private let pods = EncodedList<PodSandbox>()

    init(useCases: UseCases, batches: ListBatches) {
        self.useCases = useCases
        self.batches = batches
    }

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        registerUnary(Method.ListContainers.descriptor, &router) { (request: Runtime_V1_ListContainersRequest) in
            let version = useCases.indexVersion
            guard request.filter != Runtime_V1_ContainerFilter() else {
                return try containers.whole(version: version) { useCases.listContainers() }
            }
            return EncodedList<Container>.message(try pieces(request.filter, version))
        }
        registerUnary(Method.ListPodSandbox.descriptor, &router) { (request: Runtime_V1_ListPodSandboxRequest) in
            let version = useCases.indexVersion
            guard request.filter != Runtime_V1_PodSandboxFilter() else {
                return try pods.whole(version: version) { useCases.listPodSandboxes() }
            }
            return EncodedList<PodSandbox>.message(try pieces(request.filter, version))
        }
        registerStream(Method.StreamContainers.descriptor, &router) { (request: Runtime_V1_StreamContainersRequest) in
            try pieces(request.filter, useCases.indexVersion)
        }
        registerStream(Method.StreamPodSandboxes.descriptor, &router) {
            (request: Runtime_V1_StreamPodSandboxesRequest) in try pieces(request.filter, useCases.indexVersion)
        }
        registerUnary(ImageMethod.ListImages.descriptor, &router) { (request: Runtime_V1_ListImagesRequest) in
            try EncodedMessage(items: try await useCases.listImages(request.filter.image.image))
        }
        registerStream(ImageMethod.StreamImages.descriptor, &router) { (request: Runtime_V1_StreamImagesRequest) in
            try await useCases.listImages(request.filter.image.image).map { image in try image.encoded() }
        }
    }

    private func pieces(_ wire: Runtime_V1_ContainerFilter, _ version: UInt64) throws -> [[UInt8]] {
        let filter = try ContainerFilter(wire: wire).resolved(among: useCases.identify)
        return try containers.pieces(of: useCases.listContainers(filter), version: version) {
            useCases.listContainers()
        }
    }

    private func pieces(_ wire: Runtime_V1_PodSandboxFilter, _ version: UInt64) throws -> [[UInt8]] {
        let filter = try PodSandboxFilter(wire: wire).resolved(among: useCases.identify)
        return try pods.pieces(of: useCases.listPodSandboxes(filter), version: version) { useCases.listPodSandboxes() }
    }

    private func registerUnary<Request: SwiftProtobuf.Message, Transport: ServerTransport>(
        _ method: MethodDescriptor, _ router: inout RPCRouter<Transport>,
        _ answer: @escaping @Sendable (Request) async throws -> EncodedMessage
    ) {
        router.registerHandler(
            forMethod: method, deserializer: RequestDeserializer<Request>(), serializer: EncodedMessageSerializer()
        ) { request, _ in
            let request = try await ServerRequest(stream: request)
            return StreamingServerResponse(single: ServerResponse(message: try await answer(request.message)))
        }
    }

    private func registerStream<Request: SwiftProtobuf.Message, Transport: ServerTransport>(
        _ method: MethodDescriptor, _ router: inout RPCRouter<Transport>,
        _ pieces: @escaping @Sendable (Request) async throws -> [[UInt8]]
    ) {
        router.registerHandler(
            forMethod: method, deserializer: RequestDeserializer<Request>(), serializer: EncodedMessageSerializer()
        ) { request, _ in
            let request = try await ServerRequest(stream: request)
            return StreamingServerResponse { writer in
                try await batches.send(try await pieces(request.message), to: writer)
                return [:]
            }
        }
    }
}
