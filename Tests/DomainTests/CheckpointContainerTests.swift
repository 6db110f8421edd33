import Domain
import DomainFakes
import Testing

@Suite("CheckpointContainer, and CreateContainer of a checkpoint", .timeLimit(.minutes(10)))
struct CheckpointContainerTests {
    let node = FakeNode()

    @Test("Of a running container only; it stays what it is")
    func states() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        let id = try await useCases.createContainer(.fake(), in: pod)
        await expectError(.failedPrecondition, naming: id.rawValue, "created") {
            try await useCases.checkpointContainer(id, to: "/a.tar", timeout: nil)
        }
        try await useCases.startContainer(id)
        try await useCases.checkpointContainer(id, to: "/a.tar", timeout: .seconds(2))
        #expect(node.engine.checkpointed == ["\(id) to /a.tar within 2.0 seconds"])
        node.failpoints.arm(.engineCheckpoint, .before, .fail(DomainError(.deadlineExceeded, "criu is slow")))
        await expectError(.deadlineExceeded, naming: "criu is slow") {
            try await useCases.checkpointContainer(id, to: "/b.tar", timeout: nil)
        }
        #expect(try useCases.containerStatus(id).state == .running)
        await expectError(.notFound) { try await useCases.checkpointContainer(.fake(9), to: "/a.tar", timeout: nil) }
    }

    @Test("A path in place of an image is a checkpoint's: the image that it is of is the container's")
    func restore() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        node.engine.putCheckpoint("/a.tar", of: ["sha256:nobody", Image.busybox.id.rawValue])
        let id = try await useCases.createContainer(.fake(image: "/a.tar"), in: pod)
        let container = try useCases.containerStatus(id)
        #expect(container.imageID == Image.busybox.id && container.config.image.image == "/a.tar")
        #expect(node.engine.restored == ["/a.tar"])
        // The retry of a caller who was not answered.
        #expect(try await useCases.createContainer(.fake(image: "/a.tar"), in: pod) == id)
        #expect(node.engine.restored == ["/a.tar"])
    }

    @Test("Without its image nothing is made of a checkpoint, and the error names both")
    func missingImage() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        node.engine.putCheckpoint("/a.tar", of: ["gone:1"])
        await expectError(.notFound, naming: "gone:1", "/a.tar", "pull") {
            _ = try await useCases.createContainer(.fake(image: "/a.tar"), in: pod)
        }
        await expectError(.notFound, naming: "/none.tar") {
            _ = try await useCases.createContainer(.fake(image: "/none.tar"), in: pod)
        }
        #expect(useCases.listContainers().isEmpty && node.engine.restored.isEmpty)
    }
}
