import Domain
import DomainFakes
import Testing

@Suite("Ids as people type them", .timeLimit(.minutes(10)))
struct ShortIDTests {
    let index = PodIndex(wallClock: FakeWallClock())
    var known: Identify { Identify(index) }

    private func id<Kind>(_ beginning: String) throws -> ObjectID<Kind> {
        try #require(ObjectID(beginning + String(repeating: "0", count: 64 - beginning.count)))
    }

    private func record(_ beginnings: [String], hidden: [String] = []) throws {
        for beginning in beginnings + hidden {
            index.apply(
                .pod(
                    PodSandbox(
                        id: try id(beginning), config: .fake("p\(beginning)"),
                        state: hidden.contains(beginning) ? .creating : .ready, createdAt: Timestamp(nanoseconds: 1),
                        unit: "u")))
            index.apply(
                .container(
                    Container(
                        id: try id(beginning), podID: try id(beginning), config: .fake("c\(beginning)"),
                        imageID: ImageID("i"), logPath: "", state: hidden.contains(beginning) ? .creating : .running,
                        createdAt: Timestamp(nanoseconds: 2), startedAt: Timestamp(nanoseconds: 3))))
        }
    }

    @Test("A whole id stands for itself, whether or not there is such an object")
    func whole() throws {
        let text = String(repeating: "9", count: 64)
        #expect(known.pod(text) == .one(try #require(PodID(text))))
        #expect(known.container(text) == .one(try #require(ContainerID(text))))
    }

    @Test("The beginning of one id is that id", arguments: ["abcd", "abcd1", "abcd10000000000000000"])
    func unique(_ text: String) throws {
        try record(["abcd1", "abce1"])
        #expect(known.pod(text) == .one(try id("abcd1")))
        #expect(known.container(text) == .one(try id("abcd1")))
    }

    @Test("The beginning of several ids is all of them, in order")
    func ambiguous() throws {
        try record(["abcd2", "abcd1", "ffff"])
        #expect(known.pod("abcd") == .several([try id("abcd1"), try id("abcd2")]))
        #expect(known.container("abcd") == .several([try id("abcd1"), try id("abcd2")]))
    }

    @Test(
        "What is too short, too long, of other letters or the beginning of no id is none",
        arguments: [
            "", "abc", "ABCD", "abcg", "1234", "abcd-1", "abcd ", "abcd/", "6a1c7f0e-4d0c-4d21-9f6e-0f5e1c3f0001",
            String(repeating: "a", count: 65),
        ])
    func none(_ text: String) throws {
        try record(["abcd1"])
        #expect(known.pod(text) == .none)
        #expect(known.container(text) == .none)
    }

    @Test("What clients do not see is not found by its beginning")
    func hidden() throws {
        try record(["abcd1"], hidden: ["abcd2", "eeee"])
        #expect(known.pod("abcd") == .one(try id("abcd1")))
        #expect(known.container("abcd") == .one(try id("abcd1")))
        #expect(known.pod("eeee") == .none)
        #expect(known.container("eeee") == .none)
    }

    @Test("More matches than a message has room for are counted")
    func message() {
        #expect(
            IDMatch<PodID>.ambiguity("\"ab\"", ["1", "2", "3", "4", "5", "6", "7"])
                == "\"ab\" is the beginning of 7 ids: 1, 2, 3, 4, 5 and 2 more; give more digits")
    }
}

@Suite("Image ids as people type them", .timeLimit(.minutes(10)))
struct ShortImageIDTests {
    let node = FakeNode()

    private func image(_ beginning: String, _ tags: [String] = []) -> Image {
        Image(
            id: ImageID("sha256:" + beginning + String(repeating: "0", count: 64 - beginning.count)), repoTags: tags,
            repoDigests: [], size: 1)
    }

    @Test(
        "An image is found by bare digits and by the beginning of its id",
        arguments: ["abcd1" + String(repeating: "0", count: 59), "abcd1", "abcd10000000", "sha256:abcd1"])
    func found(_ text: String) async throws {
        let wanted = image("abcd1")
        node.images.add(wanted)
        node.images.add(image("abcd2"))
        let useCases = node.useCases()
        #expect(try await useCases.imageStatus(text) == wanted)
        #expect(try await useCases.listImages(text) == [wanted])
        try await useCases.removeImage(text)
        #expect(!node.images.local.contains(wanted))
        #expect(node.images.local.count == 2)
    }

    @Test(
        "What is no image's id or name is absent",
        arguments: ["abc", "ffff", String(repeating: "f", count: 64), "sha256:ffff", "abcd1:latest"])
    func absent(_ text: String) async throws {
        node.images.add(image("abcd1"))
        let useCases = node.useCases()
        #expect(try await useCases.imageStatus(text) == nil)
        try await useCases.removeImage(text)
        #expect(node.images.local.count == 2)
    }

    @Test("A name comes before the beginning of an id")
    func name() async throws {
        let named = image("1234", ["docker.io/library/cafe:latest"])
        node.images.add(named)
        node.images.add(image("cafe"))
        #expect(try await node.useCases().imageStatus("cafe") == named)
    }

    @Test("The beginning of several ids is refused, with the ids")
    func ambiguous() async throws {
        node.images.add(image("abcd1"))
        node.images.add(image("abcd2"))
        let error = await #expect(throws: DomainError.self) { try await node.useCases().removeImage("abcd") }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(image("abcd1").id.rawValue + ", " + image("abcd2").id.rawValue) == true)
        #expect(node.images.local.count == 3)
    }
}
