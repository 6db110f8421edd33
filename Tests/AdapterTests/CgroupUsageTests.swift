import Cgroups
import Domain
import HostFacts
import Glibc
import Testing

@Suite(.timeLimit(.minutes(10))) struct CgroupUsageTests {
    private func write(_ files: [String: String], below root: String) throws {
        for (name, text) in files {
            var directory = root
            for part in name.split(separator: "/").dropLast() {
                directory += "/" + part
                mkdir(directory, 0o755)
            }
            let file = try #require(fopen(root + "/" + name, "w"))
            fputs(text, file)
            fclose(file)
        }
    }

    @Test func `version 2 is read from one hierarchy`() async throws {
        let root = try TemporaryDirectory()
        try write(
            [
                "cgroup.controllers": "cpu memory\n", "a/b/cpu.stat": "usage_usec 5000\nuser_usec 1\n",
                "a/b/memory.current": "1000\n",
                "a/b/memory.stat": "anon 400\ninactive_file 300\npgfault 7\npgmajfault 1\n", "a/b/memory.max": "max\n",
            ], below: root.path)
        let reader = CgroupUsageReader(root: root.path, clock: SystemClock())
        let usage = try await reader.usage(ofCgroup: "/a/b")
        #expect(usage?.cpu == 5_000_000)
        #expect(
            usage?.memory
                == MemoryUsage(usage: 1000, workingSet: 700, rss: 400, pageFaults: 7, majorPageFaults: 1, limit: nil))
        #expect(try await reader.usage(ofCgroup: "/gone") == nil)
        await #expect(throws: DomainError.self) { try await reader.usage(ofCgroup: "/a/../b") }
    }

    @Test func `version 1 is read from the hierarchies of its controllers`() async throws {
        let root = try TemporaryDirectory()
        try write(
            [
                "cpu,cpuacct/a/cpuacct.usage": "77\n", "memory/a/memory.usage_in_bytes": "1000\n",
                "memory/a/memory.stat": "total_rss 10\ntotal_inactive_file 2000\nhierarchical_memory_limit 4096\n",
            ], below: root.path)
        let usage = try await CgroupUsageReader(root: root.path, clock: SystemClock()).usage(ofCgroup: "/a")
        #expect(usage?.cpu == 77)
        #expect(usage?.memory?.workingSet == 0)
        #expect(usage?.memory?.limit == 4096)
    }
}
