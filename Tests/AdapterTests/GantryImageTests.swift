import Domain
import JSON
import Synchronization
import Testing

@testable import RktCLI

@Suite("gantry's images", .timeLimit(.minutes(10)))
struct GantryImageTests {
    private let record: JSON = [
        "id": "sha256:c0ffee", "name": "docker.io/library/busybox:1", "repo_tags": ["docker.io/library/busybox:1"],
        "repo_digests": ["docker.io/library/busybox@sha256:1"], "import_time": 1, "last_used_time": 2, "size": 4096,
        "user": "1000:1000", "labels": [:], "annotations": ["a": "b"], "layers": [], "pinned": true,
    ]

    private var image: Image {
        Image(
            id: ImageID("sha256:c0ffee"), repoTags: ["docker.io/library/busybox:1"],
            repoDigests: ["docker.io/library/busybox@sha256:1"], size: 4096, uid: 1000, annotations: ["a": "b"],
            pinned: true)
    }

    @Test("lists what there is")
    func lists() async throws {
        let fake = try FakeEngine.gantry()
        try fake.answer("image-list", JSON.array([record]).serialized())
        #expect(try await RktImageStore(engine: fake.engine()).list() == [image])
    }

    @Test("fetches with credentials in a file that only the engine sees, and that is gone afterwards")
    func pulls() async throws {
        let fake = try FakeEngine.gantry()
        try fake.write(
            "image-fetch.run",
            """
            for argument in "$@"; do case $argument in --authfile=*) cp "${argument#--authfile=}" "$here/auth"; stat -c %a "${argument#--authfile=}" > "$here/mode" ;; esac; done
            echo '{"progress":{"phase":"downloading","bytes":5,"total_bytes":10,"layers":1,"total_layers":2}}' >&2
            echo 'a word between' >&2
            echo '{"progress":{"phase":"unpacking","bytes":10,"total_bytes":10,"layers":2,"total_layers":2}}' >&2
            cat "$here/record"
            """)
        try fake.write("record", record.serialized())
        let told = Mutex<[PullProgress]>([])
        let store = RktImageStore(engine: fake.engine())
        let credentials = RegistryCredentials(username: "u", password: Secret("hush"))
        let pulled = try await store.pull("busybox:1", credentials: credentials) { progress in
            told.withLock { $0.append(progress) }
        }
        #expect(pulled == image)
        #expect(told.withLock { $0 }.map(\.phase) == [.downloading, .unpacking])
        #expect(told.withLock { $0 }.map(\.bytes) == [5, 10] && told.withLock { $0.last?.layers } == 2)
        let call = try #require(fake.calls("image-fetch").first)
        #expect(call.last == "docker://docker.io/library/busybox:1")
        #expect(!call.joined().contains("hush"))
        #expect(try JSON(parsing: try #require(fake.directory.text("auth")))["auths"]?["docker.io"] != nil)
        #expect(fake.directory.text("mode") == "600\n")
        #expect(fake.directory.names("run/requests").isEmpty)
    }

    @Test(
        "a registry that does not answer is told by the word the kubelet knows, and leaves no credentials behind",
        arguments: [
            ("unavailable", DomainError.Code.unavailable, "RegistryUnavailable: "),
            ("deadline", .deadlineExceeded, "RegistryUnavailable: "),
            ("signature-invalid", .permissionDenied, "SignatureValidationFailed: "),
            ("unsupported", .invalidArgument, "image "), ("not-found", .notFound, "image "),
        ])
    func refused(word: String, code: DomainError.Code, prefix: String) async throws {
        let fake = try FakeEngine.gantry()
        try fake.fail("image-fetch", word, "because")
        let error = await #expect(throws: DomainError.self) {
            try await RktImageStore(engine: fake.engine())
                .pull(
                    "busybox", credentials: RegistryCredentials(username: "u", password: Secret("p")),
                    progress: { _ in })
        }
        #expect(error?.code == code)
        #expect(error?.message.hasPrefix(prefix) == true, "\(error?.message ?? "")")
        #expect(fake.directory.names("run/requests").isEmpty)
    }

    @Test("a cancelled pull leaves no credentials behind")
    func cancelled() async throws {
        let fake = try FakeEngine.gantry()
        try fake.write("image-fetch.run", "touch \"$here/begun\"; sleep 600")
        let store = RktImageStore(engine: fake.engine())
        let pull = Task {
            do throws(DomainError) {
                _ = try await store.pull(
                    "busybox", credentials: RegistryCredentials(username: "u", password: Secret("p")),
                    progress: { _ in })
                return nil as DomainError?
            } catch {
                return error
            }
        }
        try await fake.directory.awaitFile("begun")
        pull.cancel()
        #expect(await pull.value?.code == .cancelled)
        #expect(fake.directory.names("run/requests").isEmpty)
    }

    @Test("credentials and requests that a killed daemon left behind go with the next start")
    func sweeps() throws {
        let fake = try FakeEngine.gantry()
        fake.directory.makeDirectory("run")
        fake.directory.makeDirectory("run/requests")
        try fake.write("run/requests/auth-1.json", "hush")
        try fake.write("run/requests/pod.json", "{}")
        _ = fake.engine()
        #expect(fake.directory.names("run/requests").isEmpty)
    }

    @Test("a malformed reference is refused before anything runs")
    func malformed() async throws {
        let fake = try FakeEngine.gantry()
        let store = RktImageStore(engine: fake.engine())
        let error = await #expect(throws: DomainError.self) {
            try await store.pull("Bad Name", credentials: nil, progress: { _ in })
        }
        #expect(error?.code == .invalidArgument)
        #expect(fake.calls("image-fetch").isEmpty)
        #expect(try store.normalize("busybox") == "docker.io/library/busybox:latest")
        let id = "sha256:" + String(repeating: "0", count: 64)
        #expect(try store.normalize(id) == id)
    }

    @Test("usage is read for images and for writable layers")
    func usage() async throws {
        let fake = try FakeEngine.gantry()
        try fake.answer(
            "image-usage",
            #"{"images":{"mountpoint":"/d","used_bytes":10,"inodes_used":2},"containers":{"mountpoint":"/d","used_bytes":5,"inodes_used":1}}"#
        )
        let usage = try await RktImageStore(engine: fake.engine()).usage()
        #expect(usage.images.usedBytes == 10)
        #expect(usage.images.inodesUsed == 2)
        #expect(usage.containers.usedBytes == 5)
        #expect(usage.images.timestamp > .never)
    }
}
