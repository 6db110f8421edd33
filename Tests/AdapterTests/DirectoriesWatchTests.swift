import Glibc
import HostFacts
import Testing

@Suite("A watch over directories", .timeLimit(.minutes(5)))
struct DirectoriesWatchTests {
    @Test("hears of files in a directory that did not exist, that went, and that came again")
    func directoryComesAndGoes() async throws {
        let directory = try TemporaryDirectory()
        let root = directory.path
        let watch = try #require(DirectoriesWatch())
        var changes = watch.wakeups.makeAsyncIterator()
        // Each step is one that must be told; the suite's limit of time is for one that is not.
        func heard() async {
            await changes.next()
            watch.watch([root + "/a/net.d"])
        }
        watch.watch([root + "/a/net.d"])
        directory.makeDirectory("a")
        await heard()
        directory.makeDirectory("a/net.d")
        await heard()
        for _ in 0..<2 {
            try directory.write("a/net.d/1.conflist", "{}")
            await heard()
            unlink(root + "/a/net.d/1.conflist")
            await heard()
            rmdir(root + "/a/net.d")
            await heard()
            directory.makeDirectory("a/net.d")
            await heard()
        }
    }
}
