import Domain
import Glibc
import HostFacts
import Testing

@Suite("Writable layers are measured", .timeLimit(.minutes(10)))
struct LayerWalkTests {
    let root: TemporaryDirectory
    init() throws { root = try TemporaryDirectory() }

    private func file(_ name: String, bytes: Int = 0) throws {
        let file = try #require(fopen("\(root.path)/\(name)", "w"))
        fputs(String(repeating: "x", count: bytes), file)
        fclose(file)
    }

    private func measure(entriesInTurn: Int = 2000) async -> FilesystemUsage? {
        await LayerWalks(mountpoint: "/m", clock: SystemClock(), entriesInTurn: entriesInTurn).measure(
            root.path + "/upper")
    }

    @Test(
        "by blocks and inodes, directories and links themselves included, in turns of any length",
        arguments: [1, 7, 2000])
    func known(entriesInTurn: Int) async throws {
        mkdir(root.path + "/upper", 0o755)
        mkdir(root.path + "/upper/d", 0o755)
        for number in 0..<100 { try file("upper/d/\(number)", bytes: 4096) }
        #expect(symlink("/", root.path + "/upper/link") == 0)
        // Of several names it counts once.
        #expect(link(root.path + "/upper/d/1", root.path + "/upper/again") == 0)
        let usage = try #require(await measure(entriesInTurn: entriesInTurn))
        #expect(usage.inodesUsed == 102)
        #expect((409_600...430_000).contains(usage.usedBytes))
        #expect(usage.mountpoint == "/m" && usage.timestamp > .never)
    }

    @Test("not through links, and not where there is none")
    func links() async throws {
        #expect(await measure() == nil)
        mkdir(root.path + "/elsewhere", 0o755)
        #expect(symlink(root.path + "/elsewhere", root.path + "/upper") == 0)
        #expect(await measure() == nil)
    }

    @Test("as deep as there are descriptors for")
    func deep() async throws {
        var path = root.path + "/upper"
        mkdir(path, 0o755)
        for _ in 0..<400 {
            path += "/d"
            mkdir(path, 0o755)
        }
        let usage = try #require(await measure())
        #expect(usage.inodesUsed == 200)
    }

    @Test("until the caller leaves")
    func cancelled() async throws {
        mkdir(root.path + "/upper", 0o755)
        let walks = LayerWalks(mountpoint: "/m", clock: SystemClock())
        let path = root.path + "/upper"
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await walks.measure(path)
        }
        #expect(await task.value == nil)
    }
}
