import Domain
import Testing

@testable import RktCLI

@Suite("Images on rkt 1.30", .timeLimit(.minutes(10)))
struct PlainRktImageTests {
    @Test("images: the last printed line is the id; what was asked for is what they are called, over a restart as well")
    func images() async throws {
        let fake = try FakeEngine.rkt()
        let id = "sha512-" + String(repeating: "a", count: 64)
        try fake.answer("image-fetch", "image: searching\nimage: remote fetching\n\(id)\n")
        // rkt writes another registry than was asked for, where that has a port.
        try fake.answer("image-list", "[\(Self.image(id, "example.com_5000/busybox:1.35.0"))]")
        let store = RktImageStore(engine: fake.engine())
        let image = try await store.pull("example.com:5000/busybox:1.35.0", credentials: nil, progress: { _ in })
        #expect(
            image
                == Image(
                    id: ImageID(id), repoTags: ["example.com:5000/busybox:1.35.0"], repoDigests: [], size: 2_003_456))
        #expect(
            fake.calls("image-fetch") == [
                [
                    "image", "fetch", "--dir=\(fake.directory.path)/data", "--insecure-options=image",
                    "--pull-policy=update",
                    "--full", "docker://example.com:5000/busybox:1.35.0",
                ]
            ])
        #expect(try await RktImageStore(engine: fake.engine()).list() == [image])
        #expect(try await store.usage().images.usedBytes == 2_003_456)
        let error = await #expect(throws: DomainError.self) {
            try await store.pull(
                "busybox", credentials: RegistryCredentials(username: "u", password: Secret("p")), progress: { _ in })
        }
        #expect(error?.code == .invalidArgument)
        try fake.answer("image-list", "null\n")
        #expect(try await store.list().isEmpty)
    }

    private static func image(_ id: String, _ name: String) -> String {
        """
        {"id":"\(id)","name":"\(name)","import_time":1795467583847036686,"last_used_time":1795467583847036737,"size":2003456}
        """
    }

    @Test(
        "an image that was pulled by digest is found by it, which rkt forgets; a tag that moves leaves the image it had"
    )
    func digests() async throws {
        let fake = try FakeEngine.rkt()
        let (old, new) = ("sha512-" + String(repeating: "a", count: 64), "sha512-" + String(repeating: "b", count: 64))
        let digest = "example.com/busybox@sha256:" + String(repeating: "c", count: 64)
        try fake.answer("image-fetch", old + "\n")
        try fake.answer("image-list", "[\(Self.image(old, "example.com/busybox"))]")
        let store = RktImageStore(engine: fake.engine())
        let pulled = try await store.pull(
            digest.replacing("@", with: ":1@"), credentials: nil, progress: { _ in })
        #expect(pulled.repoDigests == [digest])
        #expect(pulled.repoTags.isEmpty)
        let cache = ImageCache(store: RktImageStore(engine: fake.engine()))
        #expect(try await cache.resolve(digest)?.id == ImageID(old))

        _ = try await store.pull("example.com/busybox:1", credentials: nil, progress: { _ in })
        try fake.answer("image-fetch", new + "\n")
        try fake.answer(
            "image-list",
            "[\(Self.image(old, "example.com/busybox:1")),\(Self.image(new, "example.com/busybox:1"))]")
        #expect(
            try await store.pull("example.com/busybox:1", credentials: nil, progress: { _ in }).repoTags == [
                "example.com/busybox:1"
            ])
        let images = try await RktImageStore(engine: fake.engine()).list()
        #expect(images.first { $0.id == ImageID(old) }?.repoTags == [])
        #expect(images.first { $0.id == ImageID(old) }?.repoDigests == [digest])
    }

    @Test("what rkt runs pods with is no image of a client: not listed, not counted, not removed")
    func stage1() async throws {
        let fake = try FakeEngine.rkt()
        let id = "sha512-" + String(repeating: "a", count: 64)
        try fake.answer("image-list", "[\(Self.image(id, "example.com/my-stage1:1.30.0"))]")
        try fake.answer(
            "image-cat-manifest",
            #"{"acKind":"ImageManifest","annotations":[{"name":"coreos.com/rkt/stage1/run","value":"/init"}]}"#)
        let store = RktImageStore(engine: fake.engine())
        #expect(try await store.list().isEmpty)
        #expect(try await store.usage().images.usedBytes == 0)
        let error = await #expect(throws: DomainError.self) { try await store.remove(ImageID(id)) }
        #expect(error?.code == .failedPrecondition)
        #expect(fake.calls("image-rm").isEmpty)
        // Asked once.
        #expect(fake.calls("image-cat-manifest").count == 1)
    }

    /// Lines of rkt 1.30.0: a missing image, by a tag and by a digest; a registry that wants a password; one that does not listen, one whose name is not known.
    @Test(
        "a failed fetch is told by rkt's own words, and claims nothing that they do not tell",
        arguments: [
            ("attempted fallback to API v1 but not supported", .notFound, false),
            ("Unexpected HTTP code: 401, URL: https://secret.test:444/v2/x/manifests/1", .permissionDenied, false),
            ("unable to retrieve auth token: 401 unauthorized", .permissionDenied, false),
            ("Unexpected HTTP code: 503, URL: https://a.test/v2/x/manifests/1", .unavailable, true),
            (#"Get "https://a.test:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused"#, .unavailable, true),
            (#"Get "https://a.test/v2/": dial tcp: lookup a.test: no such host"#, .unavailable, true),
            ("Unexpected HTTP code: 404x, URL: https://a.test/", .unavailable, false),
            ("error: Unexpected HTTP code: 404, URL: https://a.test/", .unavailable, false),
            ("no space left on device", .unavailable, false), ("\u{1b}[2J", .unavailable, false),
        ] as [(String, DomainError.Code, Bool)])
    func failedFetch(line: String, code: DomainError.Code, isPrefixed: Bool) async throws {
        let fake = try FakeEngine.rkt()
        try fake.answer("image-fetch", error: "image: searching\nfetch: \(line)\n", code: 254)
        let error = await #expect(throws: DomainError.self) {
            try await RktImageStore(engine: fake.engine()).pull("busybox", credentials: nil, progress: { _ in })
        }
        #expect(error?.code == code)
        #expect(error?.message.contains(line.replacing("\u{1b}", with: " ")) == true)
        #expect(error?.message.hasPrefix("RegistryUnavailable: ") == isPrefixed)
    }
}
