import Domain
import Glibc
import HostFacts
import Testing

@testable import Cgroups

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

    private func usage(_ files: [String: String], of cgroup: String) async throws -> CgroupUsage? {
        let root = try TemporaryDirectory()
        try write(files, below: root.path)
        let readings = await CgroupUsageReader(
            root: root.path, processes: root.path + "/proc", clock: SystemClock()
        ).usages(of: [cgroup])
        #expect(readings.count == 1)
        return readings[0].value
    }

    private let pressure = """
        some avg10=1.50 avg60=2.37 avg300=100.00 total=5
        full avg10=0.00 avg60=0.00 avg300=0.00 total=4

        """

    @Test func `version 2 is read from one hierarchy`() async throws {
        let usage = try await usage(
            [
                "cgroup.controllers": "cpu memory\n", "a/b/cpu.stat": "usage_usec 5000\nuser_usec 1\n",
                "a/b/memory.current": "1000\n",
                "a/b/memory.stat": "anon 400\ninactive_file 300\npgfault 7\npgmajfault 1\n", "a/b/memory.max": "max\n",
                "a/b/memory.swap.current": "10\n", "a/b/memory.swap.max": "30\n", "a/b/pids.current": "3\n",
                "a/b/cpu.pressure": pressure, "a/b/memory.pressure": pressure, "a/b/io.pressure": pressure,
            ], of: "/a/b")
        #expect(usage?.cpu == 5_000_000)
        #expect(
            usage?.memory
                == MemoryUsage(usage: 1000, workingSet: 700, rss: 400, pageFaults: 7, majorPageFaults: 1, limit: nil))
        #expect(usage?.swap == SwapUsage(usage: 10, available: 20))
        #expect(usage?.tasks == 3)
        let told = Pressure(
            some: .init(total: 5, average10: 1.5, average60: 2.37, average300: 100),
            full: .init(total: 4, average10: 0, average60: 0, average300: 0))
        #expect(usage?.pressure == Pressures(cpu: told, memory: told, io: told))
    }

    @Test func `version 1 is read from the hierarchies of its controllers, pressure from the unified one beside them`()
        async throws
    {
        let usage = try await usage(
            [
                "cpu,cpuacct/a/cpuacct.usage": "77\n", "memory/a/memory.usage_in_bytes": "1000\n",
                "memory/a/memory.stat": "total_rss 10\ntotal_inactive_file 2000\ntotal_swap 50\n",
                "memory/a/memory.limit_in_bytes": "4096\n",
                "memory/a/memory.memsw.limit_in_bytes": "9223372036854771712\n",
                "pids/a/pids.current": "2\n", "unified/a/cpu.pressure": pressure,
            ], of: "/a")
        #expect(usage?.cpu == 77)
        #expect(usage?.memory?.workingSet == 0 && usage?.memory?.limit == 4096 && usage?.memory?.available == 4096)
        #expect(usage?.swap == SwapUsage(usage: 50, available: nil))
        #expect(usage?.tasks == 2)
        #expect(usage?.pressure.cpu?.some.total == 5 && usage?.pressure.io == nil)
    }

    @Test func `what no controller counts is the sum of its processes, whatever they are called`() async throws {
        func stat(_ name: String, _ ticks: String, threads: Int, pages: Int) -> String {
            "7 (\(name)) S 1 7 7 0 -1 4194560 10 20 3 4 \(ticks) 20 0 \(threads) 0 55 1000000 \(pages) 1844674\n"
        }
        let files = [
            "systemd/a/b.service/cgroup.procs": "7\n8\n9\n", "systemd/a/gone.service/cgroup.procs": "9\n",
            "proc/7/stat": stat("x) R 1 1 (", "100 50 5 5", threads: 3, pages: 100),
            "proc/8/stat": stat("sh", "20 20 0 0", threads: 1, pages: 10),
        ]
        let usage = try await usage(files, of: "/a/b.service")
        #expect(usage?.cpu == 2_000_000_000 && usage?.tasks == 4)
        #expect(
            usage?.memory
                == MemoryUsage(
                    usage: 110 * 4096, workingSet: 110 * 4096, rss: 110 * 4096, pageFaults: 60, majorPageFaults: 14,
                    limit: nil))
        #expect(try await self.usage(files, of: "/a/gone.service") == nil)
        #expect(try await self.usage(files, of: "/a/none.service") == nil)
    }

    @Test(
        "whatever files hold, what can be read of them is told and the rest left out",
        arguments: [
            "", "\n", "max", "-1", "1e3", "99999999999999999999999", "\0", "name", "name 1 2",
            String(repeating: "9 ", count: 40000),
        ])
    func hostile(text: String) async throws {
        let files = [
            "cpu.stat", "memory.current", "memory.stat", "memory.max", "memory.swap.current", "pids.current",
            "cpu.pressure",
        ]
        var all = ["cgroup.controllers": ""]
        for name in files { all["a/" + name] = text }
        let none = try await usage(all, of: "/a")
        #expect(none?.memory == nil && none?.cpu == nil && none?.tasks == nil)
        #expect(none?.swap == nil && none?.pressure.cpu == nil)
        for name in files { all["a/" + name] = "usage_usec 18446744073709551615\n" }
        all["a/memory.current"] = "5\n"
        all["a/memory.stat"] = "anon 3\ninactive_file \(text)\npgfault 2"
        all["a/memory.max"] = text
        let some = try await usage(all, of: "/a")
        #expect(some?.cpu == .max)
        #expect(some?.memory?.usage == 5 && some?.memory?.workingSet == 5 && some?.memory?.limit == nil)
    }

    @Test func `what is longer than is read loses no more than its end`() async throws {
        let long = String(repeating: "padding 1\n", count: 5000)
        let usage = try await usage(
            ["cgroup.controllers": "", "a/cpu.stat": "usage_usec 7\n\(long)user_usec 1\n"], of: "/a")
        #expect(usage?.cpu == 7000)
    }

    @Test func `a cgroup that is gone is that, and a path that is none is an error`() async throws {
        let root = try TemporaryDirectory()
        try write(["cgroup.controllers": "", "a/cpu.stat": "usage_usec 1\n"], below: root.path)
        let reader = CgroupUsageReader(root: root.path, clock: SystemClock())
        let readings = await reader.usages(of: ["/gone", "/a", "/x/../a", "a"])
        #expect(readings[0] == .gone)
        #expect(readings[1].value?.cpu == 1000)
        for reading in readings[2...] {
            #expect(reading.error?.code == .internal)
        }
        #expect(await reader.usages(of: []).isEmpty)
    }

    @Test func `one that does not answer holds up nobody, and is read again when it answers`() async throws {
        let root = try TemporaryDirectory()
        try write(
            ["cgroup.controllers": "", "a/cpu.stat": "usage_usec 1\n", "b/cpu.stat": "usage_usec 2\n"], below: root.path
        )
        mkdir(root.path + "/stuck", 0o755)
        // Opening it waits for a writer.
        let pipe = root.path + "/stuck/cpu.stat"
        #expect(mkfifo(pipe, 0o600) == 0)
        let reader = CgroupUsageReader(root: root.path, clock: SystemClock(), limit: .milliseconds(100))
        func codes() async -> [DomainError.Code?] {
            await reader.usages(of: ["/a", "/stuck", "/b"]).map { $0.error?.code }
        }
        for _ in 0..<3 {
            // The others may have been too slow themselves, on a machine that has much to do: they are read again.
            var found = await codes()
            while found[0] != nil || found[2] != nil { found = await codes() }
            #expect(found[1] == .unavailable)
        }
        let writer = open(pipe, O_WRONLY | O_CLOEXEC)
        #expect(writer >= 0)
        #expect(unlink(pipe) == 0)
        try write(["stuck/cpu.stat": "usage_usec 3\n"], below: root.path)
        close(writer)
        var answers = await codes()
        while answers != [nil, nil, nil] { answers = await codes() }
        #expect(answers == [nil, nil, nil])
    }

    @Test func `many calls at a time get their own answers`() async throws {
        let root = try TemporaryDirectory()
        var files = ["cgroup.controllers": ""]
        for number in 0..<40 { files["c\(number)/cpu.stat"] = "usage_usec \(number)\n" }
        try write(files, below: root.path)
        let reader = CgroupUsageReader(root: root.path, clock: SystemClock())
        await withDiscardingTaskGroup { group in
            for call in 0..<40 {
                group.addTask {
                    let names = (call..<40).map { "/c\($0)" }
                    let told = await reader.usages(of: names).map { $0.value?.cpu }
                    #expect(told == (call..<40).map { UInt64($0) * 1000 })
                }
            }
        }
    }

    @Test func `metrics have more of a cgroup, in version 2 and in version 1`() async throws {
        let root = try TemporaryDirectory()
        try write(
            [
                "cgroup.controllers": "",
                "a/cpu.stat":
                    "usage_usec 9\nuser_usec 5\nsystem_usec 4\nnr_periods 3\nnr_throttled 2\nthrottled_usec 1\n",
                "a/memory.current": "10\n", "a/memory.stat": "file 6\nfile_mapped 5\nkernel 4\n",
                "a/memory.max": "100\n",
                "a/memory.swap.max": "50\n", "a/memory.peak": "20\n", "a/memory.events": "low 0\nmax 7\noom_kill 8\n",
                "a/cgroup.procs": "1\n2\n", "a/b/cgroup.procs": "3\n", "a/b/c/cgroup.procs": "4\n",
                "a/memory.low": "30\n", "a/pids.max": "max\n",
                "a/io.stat": "999:1 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\njunk\n",
            ], below: root.path)
        let reader = CgroupUsageReader(root: root.path, clock: SystemClock())
        let details = try #require(await reader.details(of: ["/a"], files: false).first?.value)
        #expect(details.usage.cpu == 9000 && details.userCPU == 5000 && details.systemCPU == 4000)
        #expect(details.throttling == .init(periods: 3, throttledPeriods: 2, throttledTime: 1000))
        #expect((details.cache, details.mapped, details.kernel) == (6, 5, 4))
        #expect((details.maxMemory, details.limitHits, details.outOfMemoryKills) == (20, 7, 8))
        #expect(details.swapLimit == 150 && details.processes == 4)
        #expect(details.reservation == 30 && details.tasksLimit == 0 && details.files == nil)
        let device = try #require(details.devices.count == 1 ? details.devices.first : nil)
        #expect(device.name == "999:1" && device.readBytes == 1 && device.writtenBytes == 2)
        #expect(device.reads == 3 && device.writes == 4 && device.major == "999" && device.minor == "1")

        let old = try TemporaryDirectory()
        try write(
            [
                "cpu,cpuacct/a/cpuacct.usage": "9\n", "cpu,cpuacct/a/cpuacct.stat": "user 2\nsystem 1\n",
                "cpu,cpuacct/a/cpu.stat": "nr_periods 3\nnr_throttled 2\nthrottled_time 1\n",
                "memory/a/memory.usage_in_bytes": "10\n",
                "memory/a/memory.stat": "total_cache 6\ntotal_mapped_file 5\n",
                "memory/a/memory.max_usage_in_bytes": "20\n", "memory/a/memory.failcnt": "7\n",
                "memory/a/memory.oom_control": "oom_kill_disable 0\noom_kill 8\n",
                "memory/a/memory.memsw.limit_in_bytes": "300\n", "pids/a/cgroup.procs": "1\n",
                "pids/a/pids.max": "77\n",
                "memory/a/memory.soft_limit_in_bytes": "9223372036854771712\n",
                "blkio/a/blkio.throttle.io_service_bytes": "999:1 Read 1\n999:1 Write 2\n999:1 Total 3\nTotal 3\n",
                "blkio/a/blkio.throttle.io_serviced": "999:1 Read 3\n999:1 Write 4\n",
            ], below: old.path)
        let before = try #require(
            await CgroupUsageReader(root: old.path, clock: SystemClock()).details(of: ["/a"], files: false).first?.value
        )
        #expect(before.userCPU == 20_000_000 && before.systemCPU == 10_000_000)
        #expect(before.throttling == .init(periods: 3, throttledPeriods: 2, throttledTime: 1))
        #expect((before.cache, before.mapped, before.maxMemory) == (6, 5, 20))
        #expect((before.limitHits, before.outOfMemoryKills, before.swapLimit) == (7, 8, 300))
        #expect(before.processes == 1 && before.tasksLimit == 77 && before.reservation == nil)
        #expect(before.devices == details.devices)
    }

    @Test func `what processes have open is counted, of those below too, and no more of it than is bounded`()
        async throws
    {
        let root = try TemporaryDirectory()
        try write(
            [
                "cgroup.controllers": "", "a/memory.current": "1\n", "a/cgroup.procs": "11\n99\n",
                "a/b/cgroup.procs": "12\n",
            ],
            below: root.path)
        let processes = try TemporaryDirectory()
        try write(
            [
                "11/limits":
                    "Limit  Soft Limit  Hard Limit  Units\nMax open files            1024      524288   files\n",
                "12/limits": "Max open files            9      9   files\n",
            ], below: processes.path)
        for (place, targets) in [
            ("11", ["/dev/null", "socket:[4711]", "pipe:[1]"]), ("12", ["socket:[1]", "socket", "/socket:[1]"]),
        ] {
            #expect(mkdir("\(processes.path)/\(place)/fd", 0o700) == 0)
            for (number, target) in targets.enumerated() {
                #expect(symlink(target, "\(processes.path)/\(place)/fd/\(number)") == 0)
            }
        }
        let reader = CgroupUsageReader(root: root.path, processes: processes.path, clock: SystemClock())
        let files = try #require(await reader.details(of: ["/a"], files: true).first?.value?.files)
        #expect(files == .init(descriptors: 6, sockets: 2, softLimit: 1024))
        var few = OpenFiles(processes: processes.path, most: 6)
        for process: UInt64 in [11, 12] { few.add(process) }
        #expect(few.found.descriptors == 4 && (1...2).contains(few.found.sockets) && few.found.softLimit == 1024)
    }

    @Test func `a process with very many descriptors costs no more, and where the kernel counts them all are told`()
        throws
    {
        let copies = (0..<300).map { _ in dup(STDERR_FILENO) }
        defer { copies.forEach { close($0) } }
        #expect(!copies.contains(-1))
        var status = stat()
        #expect(stat("/proc/self/fd", &status) == 0)
        var files = OpenFiles(processes: "/proc", most: 8)
        files.add(UInt64(getpid()))
        #expect(status.st_size > 0 ? files.found.descriptors >= 300 : files.found.descriptors == 7)
        #expect(files.found.sockets <= 8)
    }

    @Test func `huge pages are known by the names that cgroups give their sizes`() throws {
        let kernel = try TemporaryDirectory()
        for name in ["hugepages-1048576kB", "hugepages-2048kB", "hugepages-64kB", "hugepages-x", "other"] {
            #expect(mkdir("\(kernel.path)/\(name)", 0o700) == 0)
        }
        #expect(HugePageSizes.names(in: kernel.path) == ["64KB", "2MB", "1GB"])
        #expect(HugePageSizes.names(in: kernel.path + "/none").isEmpty)
    }

    private let devices = """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
            lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          0
          net1: 5 6 7 8 0 0 0 0 9 10 11 12 0 0 0 0
          eth0:1000000   20    1    2    0     0          0         0  2000000      40    3    4    0     0       0          0
         broken: 1 2 3
           bad: -1 2 3 4 0 0 0 0 9 10 11 12 0 0 0 0

        """

    @Test func `a network is read through a process that is in it, and through no other`() async throws {
        let root = try TemporaryDirectory()
        try write(
            [
                "netns/pod": "", "7/net/dev": "", "7/ns/net": "", "9/net/dev": devices, "9/ns/x": "",
                "11/net/dev": "junk",
                "11/ns/x": "",
            ], below: root.path)
        for process in ["9", "11"] { #expect(link(root.path + "/netns/pod", root.path + "/\(process)/ns/net") == 0) }
        let reader = CgroupUsageReader(root: root.path, processes: root.path, clock: SystemClock())
        let namespace = root.path + "/netns/pod"
        func read(_ processes: [Int32]) async -> NetworkUsage? {
            await reader.networks(of: [NetworkPlace(processes: processes, namespace: namespace)]).first?.value
        }
        let usage = try #require(await read([5, 7, 9]))
        #expect(
            usage.main
                == InterfaceUsage(
                    name: "eth0", received: .init(bytes: 1_000_000, packets: 20, errors: 1, dropped: 2),
                    sent: .init(bytes: 2_000_000, packets: 40, errors: 3, dropped: 4)))
        #expect(
            usage.others == [
                InterfaceUsage(
                    name: "net1", received: .init(bytes: 5, packets: 6, errors: 7, dropped: 8),
                    sent: .init(bytes: 9, packets: 10, errors: 11, dropped: 12))
            ])
        #expect(await read([5, 7]) == nil)
        #expect(await read([11]) == nil)
        #expect(await read([]) == nil)
    }
}

extension Reading {
    fileprivate var value: Value? {
        if case .value(let value) = self { value } else { nil }
    }

    fileprivate var error: DomainError? {
        if case .failed(let error) = self { error } else { nil }
    }
}
