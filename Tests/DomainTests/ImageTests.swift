import Domain
import DomainFakes
import Testing

@Suite("Images", .timeLimit(.minutes(10)))
struct ImageTests {
    let node = FakeNode()

    static let alpine = Image(
        id: ImageID("sha256:" + String(repeating: "a", count: 64)), repoTags: ["docker.io/library/alpine:3"],
        repoDigests: [],
        size: 1)

    @Test("A pulled image is in list and status at once, by the id that the pull returned")
    func pull() async throws {
        let useCases = node.useCases()
        node.images.publish(Self.alpine, as: "docker.io/library/alpine:3")
        #expect(try await useCases.imageStatus("alpine:3") == nil)
        let id = try await useCases.pullImage("alpine:3", credentials: nil)
        #expect(id == Self.alpine.id)
        #expect(try await useCases.imageStatus("alpine:3")?.id == id)
        #expect(try await useCases.imageStatus(id.rawValue)?.id == id)
        #expect(try await useCases.listImages().count == 2)
        #expect(try await useCases.listImages("alpine:3").map(\.id) == [id])
        #expect(try await useCases.listImages("nothing").isEmpty)
        // Lists are read from memory.
        #expect(node.failpoints.count(.imagesList) == 1)
    }

    @Test("A list begun before a pull ended does not hide the pulled image")
    func staleList() async throws {
        let useCases = node.useCases()
        node.images.publish(Self.alpine, as: "docker.io/library/alpine:3")
        _ = try await useCases.listImages()
        let gate = node.failpoints.hold(.imagesList, .after)
        let refresh = Task { try await useCases.context.imageCache.refresh() }
        await gate.arrival()
        _ = try await useCases.pullImage("alpine:3", credentials: nil)
        gate.open()
        try await refresh.value
        #expect(try await useCases.imageStatus("alpine:3") != nil)
    }

    @Test("Pulls of one reference with the same credentials are one pull, whatever its spelling")
    func coalesced() async throws {
        let useCases = node.useCases()
        node.images.publish(Self.alpine, as: "docker.io/library/alpine:3")
        let gate = node.failpoints.hold(.imagesPull, .before)
        let calls = (0..<10).map { number in
            Task {
                try await useCases.pullImage(
                    number.isMultiple(of: 2) ? "alpine:3" : "docker.io/library/alpine:3", credentials: nil)
            }
        }
        await gate.arrival()
        try await useCases.pullImage.flights.callers(10)
        let other = RegistryCredentials(username: "me", password: Secret("s3cret"))
        _ = try await useCases.pullImage("alpine:3", credentials: other)
        gate.open()
        for call in calls { _ = try await call.value }
        #expect(node.images.pulls.count == 2)
    }

    @Test("A pull is cancelled when its last caller has left, and not before")
    func cancelled() async throws {
        let useCases = node.useCases()
        node.images.publish(Self.alpine, as: "docker.io/library/alpine:3")
        let gate = node.failpoints.hold(.imagesPull, .before)
        let calls = (0..<2).map { _ in Task { try await useCases.pullImage("alpine:3", credentials: nil) } }
        await gate.arrival()
        try await useCases.pullImage.flights.callers(2)
        for call in calls {
            call.cancel()
            await expectError(.cancelled) { _ = try await call.value }
        }
        await useCases.pullImage.flights.drain(cancelling: false)
        #expect(node.images.pulls.isEmpty)
        _ = try await useCases.pullImage("alpine:3", credentials: nil)
    }

    @Test("How far a pull is can be asked for while it runs, in any spelling, and not afterwards")
    func progress() async throws {
        let useCases = node.useCases()
        node.images.publish(Self.alpine, as: "docker.io/library/alpine:3")
        func progress() -> PullProgress? { useCases.pullImage.progress("alpine:3", credentials: nil) }
        #expect(progress() == nil)
        let gate = node.failpoints.hold(.imagesPull, .after)
        let call = Task { try await useCases.pullImage("docker.io/library/alpine:3", credentials: nil) }
        await gate.arrival()
        #expect(progress() == node.images.halfway)
        let other = RegistryCredentials(username: "me", password: Secret("s3cret"))
        #expect(useCases.pullImage.progress("alpine:3", credentials: other) == nil)
        gate.open()
        _ = try await call.value
        #expect(progress() == nil)
    }

    @Test("A failing pull is told and leaves nothing; a malformed or empty reference is an invalid argument")
    func failingPull() async throws {
        let useCases = node.useCases()
        await expectError(.notFound, naming: "alpine") { _ = try await useCases.pullImage("alpine", credentials: nil) }
        await expectError(.invalidArgument) { _ = try await useCases.pullImage("", credentials: nil) }
        await expectError(.invalidArgument) { _ = try await useCases.pullImage("Not Valid", credentials: nil) }
        await expectError(.invalidArgument) { _ = try await useCases.imageStatus("") }
        await expectError(.invalidArgument) { try await useCases.removeImage("") }
        #expect(try await useCases.listImages() == [.busybox])
    }

    @Test("A tag that moved belongs to the new image only")
    func movedTag() async throws {
        let useCases = node.useCases()
        _ = try await useCases.listImages()
        var newer = Self.alpine
        newer.repoTags = ["docker.io/library/busybox:latest"]
        node.images.publish(newer, as: "docker.io/library/busybox:latest")
        let id = try await useCases.pullImage("busybox", credentials: nil)
        #expect(try await useCases.imageStatus("busybox")?.id == id)
        #expect(try await useCases.imageStatus(Image.busybox.id.rawValue)?.repoTags == [])
    }

    @Test(
        "An image goes with all its tags, by whichever name; an unknown one is removed already",
        arguments: ["busybox", Image.busybox.id.rawValue, Image.busybox.repoDigests[0]])
    func remove(_ reference: String) async throws {
        let useCases = node.useCases()
        let (_, container) = try await useCases.runningContainer()
        try await useCases.removeImage("nothing")
        try await useCases.removeImage(reference)
        try await useCases.removeImage(reference)
        #expect(try await useCases.listImages().isEmpty)
        #expect(node.images.local.isEmpty)
        #expect(node.failpoints.count(.imagesRemove) == 1)
        #expect(try useCases.containerStatus(container).state == .running)
    }

    @Test("A removal that fails leaves the image, and a retry removes it")
    func removeFails() async throws {
        let useCases = node.useCases()
        node.failpoints.arm(.imagesRemove, .before, .fail(broken))
        await expectError(.unavailable) { try await useCases.removeImage("busybox") }
        #expect(try await useCases.listImages().count == 1)
        try await useCases.removeImage("busybox")
        #expect(try await useCases.listImages().isEmpty)
    }

    @Test("No container is made from an image that is being removed")
    func createDuringRemoval() async throws {
        let useCases = node.useCases()
        let pod = try await useCases.runPodSandbox(.fake())
        let gate = node.failpoints.hold(.imagesRemove, .before)
        let removal = Task { try await useCases.removeImage("busybox") }
        await gate.arrival()
        await expectError(.notFound, naming: "busybox") { _ = try await useCases.createContainer(.fake(), in: pod) }
        gate.open()
        try await removal.value
    }

    @Test("An unreadable list is an error and never an empty list, until it can be read")
    func unreadable() async throws {
        let useCases = node.useCases()
        node.failpoints.arm(.imagesList, .before, .fail(broken), times: 2)
        await expectError(.unavailable) { _ = try await useCases.listImages() }
        await expectError(.unavailable) { _ = try await useCases.imageStatus("busybox") }
        #expect(try await useCases.listImages() == [.busybox])
    }

    @Test("The usage of both file systems is passed on, and overlapping calls share a reading")
    func usage() async throws {
        let useCases = node.useCases()
        let gate = node.failpoints.hold(.imagesUsage, .before)
        let calls = (0..<5).map { _ in Task { try await useCases.imageFsInfo().images.usedBytes } }
        await gate.arrival()
        try await useCases.imageFsInfo.flights.callers(5)
        gate.open()
        for call in calls {
            let used = try await call.value
            #expect(used == 4_000_000)
        }
        #expect(node.failpoints.count(.imagesUsage) == 1)
    }

    @Test("A pinned image is listed so, by status too; others when the pins change or the name goes to another image")
    func pinned() async throws {
        var settings = UseCases.Settings()
        settings.pinnedImages = PinnedImages(names: ["docker.io/library/alpine:3"])
        let useCases = node.useCases(settings)
        node.images.publish(Self.alpine, as: "docker.io/library/alpine:3")
        func pinned() async throws -> [ImageID] { try await useCases.listImages().filter(\.pinned).map(\.id) }
        #expect(try await pinned() == [])
        _ = try await useCases.pullImage("alpine:3", credentials: nil)
        #expect(try await pinned() == [Self.alpine.id])
        #expect(try await useCases.imageStatus("alpine:3")?.pinned == true)

        useCases.pin(PinnedImages(patterns: [.init("*busybox*")]))
        #expect(try await !pinned().contains(Self.alpine.id))
        useCases.pin(PinnedImages(patterns: [.init("*/alpine:*")]))
        #expect(try await pinned() == [Self.alpine.id])

        let newer = Image(
            id: ImageID("sha256:" + String(repeating: "b", count: 64)), repoTags: Self.alpine.repoTags, repoDigests: [],
            size: 1)
        node.images.publish(newer, as: "docker.io/library/alpine:3")
        _ = try await useCases.pullImage("alpine:3", credentials: nil)
        #expect(try await pinned() == [newer.id])
        try await useCases.context.imageCache.refresh()
        #expect(try await pinned() == [newer.id])
    }

    @Test("What the store pins stays pinned, whatever the configuration says")
    func pinnedByStore() async throws {
        var image = Self.alpine
        image.pinned = true
        node.images.add(image)
        let useCases = node.useCases()
        #expect(try await useCases.imageStatus(image.id.rawValue)?.pinned == true)
        useCases.pin(PinnedImages(names: ["docker.io/library/other:1"]))
        useCases.pin(PinnedImages())
        #expect(try await useCases.imageStatus(image.id.rawValue)?.pinned == true)
    }

    @Test("A pinned image is removed when it is asked for, as by other runtimes")
    func pinnedIsRemoved() async throws {
        let useCases = node.useCases()
        node.images.add(Self.alpine)
        useCases.pin(PinnedImages(patterns: [.init("*")]))
        #expect(try await useCases.imageStatus("alpine:3")?.pinned == true)
        try await useCases.removeImage("alpine:3")
        #expect(try await useCases.imageStatus("alpine:3") == nil)
    }
}
