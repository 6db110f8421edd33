import CRI
import Domain
import DomainFakes
import GRPCCore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct ImageRPCTests {
    private typealias Method = Runtime_V1_ImageService.Method

    private let alpine = Image(
        id: ImageID("sha256:" + String(repeating: "a", count: 64)), repoTags: ["docker.io/library/alpine:latest"],
        repoDigests: [], size: 9, username: "nobody")

    @Test func `an image's way from PullImage to RemoveImage has one identity`() async throws {
        let node = FakeNode()
        node.images.publish(alpine, as: "docker.io/library/alpine:latest")
        try await InProcessCRI.serve(node.useCases()) { cri in
            let absent = try await status(cri, "alpine")
            #expect(!absent.hasImage)
            let id = try await pull(cri, "alpine")
            #expect(id == alpine.id.rawValue)
            let present = try await status(cri, "alpine", verbose: true)
            #expect(present.image == alpine.wire)
            #expect(present.info["info"]?.contains(id) == true)
            #expect(try await status(cri, id).image.id == id)
            #expect(Set(try await list(cri).map(\.id)) == [id, Image.busybox.id.rawValue])
            #expect(try await list(cri, "alpine").map(\.id) == [id])
            #expect(try await list(cri, "absent").isEmpty)
            try await remove(cri, "alpine")
            try await remove(cri, "alpine")
            #expect(try await !status(cri, "alpine").hasImage)
        }
    }

    @Test func `credentials are handed on, and an empty form of them is an anonymous pull`() async throws {
        let node = FakeNode()
        node.images.publish(alpine, as: "docker.io/library/alpine:latest")
        let store = CredentialsRecorder(store: node.images)
        var ports = node.ports
        ports.images = store
        try await InProcessCRI.serve(UseCases(ports: ports)) { cri in
            _ = try await pull(cri, "alpine", .with { $0.serverAddress = "registry" })
            _ = try await pull(cri, "alpine", .with { $0.identityToken = "token" })
            let error = await #expect(throws: RPCError.self) {
                _ = try await pull(
                    cri, "alpine",
                    .with {
                        $0.username = "u"
                        $0.registryToken = "tok\nen"
                    })
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message == "auth.registry_token: holds a control character")
        }
        #expect(store.seen == [nil, RegistryCredentials(identityToken: Secret("token"))])
    }

    @Test func `a registry that has no such image is told with the cause`() async throws {
        try await InProcessCRI.serve(FakeNode().useCases()) { cri in
            let error = await #expect(throws: RPCError.self) { _ = try await pull(cri, "absent") }
            #expect(error?.code == .notFound)
            #expect(error?.message.contains("docker.io/library/absent:latest") == true)
        }
    }

    @Test func `an image without a name is refused`() async throws {
        try await InProcessCRI.serve(FakeNode().useCases()) { cri in
            for name in ["", "a b"] {
                let errors = [
                    await #expect(throws: RPCError.self) { _ = try await status(cri, name) },
                    await #expect(throws: RPCError.self) { _ = try await pull(cri, name) },
                    await #expect(throws: RPCError.self) { try await remove(cri, name) },
                ]
                for error in errors {
                    #expect(error?.code == .invalidArgument)
                    #expect(error?.message.hasPrefix("image.image: ") == true)
                }
            }
        }
    }

    @Test func `StreamImages sends what ListImages lists, in batches`() async throws {
        let node = FakeNode()
        node.images.add(alpine)
        try await InProcessCRI.serve(node.useCases(), batches: ListBatches(items: 1)) { cri in
            let batches: [Runtime_V1_StreamImagesResponse] = try await cri.stream(
                Method.StreamImages.descriptor, Runtime_V1_StreamImagesRequest())
            #expect(batches.map(\.images.count) == [1, 1])
            #expect(Set(batches.flatMap(\.images)) == Set(try await list(cri)))
        }
    }

    @Test func `ImageFsInfo tells of both file systems`() async throws {
        let info: Runtime_V1_ImageFsInfoResponse = try await InProcessCRI.serve(FakeNode().useCases()) { cri in
            try await cri.call(Method.ImageFsInfo.descriptor, Runtime_V1_ImageFsInfoRequest())
        }
        #expect(info.imageFilesystems.map(\.fsID.mountpoint) == ["/images"])
        #expect(info.imageFilesystems.map(\.usedBytes.value) == [Image.busybox.size])
        #expect(info.imageFilesystems.map(\.inodesUsed.value) == [1])
        #expect(info.imageFilesystems.allSatisfy { $0.timestamp > 0 })
        #expect(info.containerFilesystems.map(\.fsID.mountpoint) == ["/containers"])
        #expect(info.containerFilesystems.allSatisfy { $0.hasUsedBytes && $0.hasInodesUsed })
    }

    private func pull(
        _ cri: InProcessCRI, _ image: String, _ auth: Runtime_V1_AuthConfig? = nil
    ) async throws -> String {
        try await cri.call(
            Method.PullImage.descriptor,
            Runtime_V1_PullImageRequest.with {
                $0.image.image = image
                if let auth { $0.auth = auth }
            }, Runtime_V1_PullImageResponse.self
        ).imageRef
    }

    private func status(
        _ cri: InProcessCRI, _ image: String, verbose: Bool = false
    ) async throws -> Runtime_V1_ImageStatusResponse {
        try await cri.call(
            Method.ImageStatus.descriptor,
            Runtime_V1_ImageStatusRequest.with {
                $0.image.image = image
                $0.verbose = verbose
            })
    }

    private func remove(_ cri: InProcessCRI, _ image: String) async throws {
        _ = try await cri.call(
            Method.RemoveImage.descriptor, Runtime_V1_RemoveImageRequest.with { $0.image.image = image },
            Runtime_V1_RemoveImageResponse.self)
    }

    private func list(_ cri: InProcessCRI, _ image: String = "") async throws -> [Runtime_V1_Image] {
        try await cri.call(
            Method.ListImages.descriptor,
            Runtime_V1_ListImagesRequest.with { if !image.isEmpty { $0.filter.image.image = image } },
            Runtime_V1_ListImagesResponse.self
        ).images
    }
}

/// Keeps the credentials that pulls come with.
private final class CredentialsRecorder: ImageStore {
    private let store: FakeImageStore
    private let credentials = Mutex<[RegistryCredentials?]>([])

    init(store: FakeImageStore) { self.store = store }

    var seen: [RegistryCredentials?] { credentials.withLock { $0 } }

    func pull(
        _ reference: String, credentials: RegistryCredentials?, progress: @escaping @Sendable (PullProgress) -> Void
    ) async throws(DomainError) -> Image {
        self.credentials.withLock { $0.append(credentials) }
        return try await store.pull(reference, credentials: credentials, progress: progress)
    }

    func list() async throws(DomainError) -> [Image] { try await store.list() }
    func normalize(_ reference: String) throws(DomainError) -> String { try store.normalize(reference) }
    func remove(_ id: ImageID) async throws(DomainError) { try await store.remove(id) }
    func usage() async throws(DomainError) -> (images: FilesystemUsage, containers: FilesystemUsage) {
        try await store.usage()
    }
}
