import Testing

@testable import GantryCore

@Suite("Changes of limits", .timeLimit(.minutes(5)))
struct ResourceChangeTests {
    private static let v2 = CgroupLayout(
        hierarchies: [CgroupHierarchy(key: "", mountPoint: "/c", ownPath: "/pod/supervisor")], isUnified: true)
    private static let v1 = CgroupLayout(hierarchies: [
        CgroupHierarchy(key: "cpu,cpuacct", mountPoint: "/cpu", ownPath: "/pod"),
        CgroupHierarchy(key: "cpuset", mountPoint: "/set", ownPath: "/"),
        CgroupHierarchy(key: "memory", mountPoint: "/mem", ownPath: "/pod"),
    ])
    private static let host = ResourceChange.Host(
        lowestOOMScore: -1000, limitsSwap: true, pageSizes: ["2MB", "1GB"], limitedPageSizes: ["2MB"])

    private static let filesV2 = [
        "/c/pod/a/cpu.weight": "39", "/c/pod/a/cpu.max": "50000 100000", "/c/pod/a/memory.max": "1000",
        "/c/pod/a/memory.swap.max": "500", "/c/pod/a/memory.current": "400", "/c/pod/a/cpuset.cpus": "0",
        "/c/pod/a/cpuset.mems": "0", "/c/pod/cpuset.cpus.effective": "0-3", "/c/pod/cpuset.mems.effective": "0",
        "/c/pod/a/hugetlb.2MB.max": "0", "/c/pod/a/memory.high": "max",
    ]
    private static let filesV1 = [
        "/cpu/pod/a/cpu.shares": "1024", "/cpu/pod/a/cpu.cfs_quota_us": "50000",
        "/cpu/pod/a/cpu.cfs_period_us": "100000", "/set/pod/a/cpuset.cpus": "0-1",
        "/set/pod/a/exec-1/cpuset.cpus": "0-1",
        "/set/pod/cpuset.effective_cpus": "0-3", "/mem/pod/a/memory.limit_in_bytes": "1000",
        "/mem/pod/a/memory.memsw.limit_in_bytes": "1500",
    ]

    private static var old: AppResources {
        var old = AppResources()
        (old.cpuShares, old.cpuQuota, old.cpuPeriod) = (1024, 50000, 100000)
        (old.memoryLimit, old.memorySwapLimit) = (1000, 1500)
        return old
    }

    private func apply(
        _ files: FakeControlFiles, _ layout: CgroupLayout = v2, _ change: (inout AppResources) -> Void
    ) throws(EngineError) -> ResourceChange.Outcome {
        var wanted = AppResources()
        change(&wanted)
        return try ResourceChange(
            cgroup: AppCgroup(layout: layout, path: "/pod/a"), old: Self.old, change: wanted, score: 0, host: Self.host,
            files: files
        ).apply()
    }

    @Test("v2: every limit is where the kernel has it, and can be put back")
    func everythingV2() throws {
        let files = FakeControlFiles(Self.filesV2, scores: [7: 0, 8: 300])
        let outcome = try apply(files) {
            ($0.cpuShares, $0.cpuQuota, $0.memoryLimit, $0.memorySwapLimit) = (2048, 70000, 2000, 2600)
            ($0.cpusetCpus, $0.cpusetMems, $0.oomScoreAdj) = ("1-2", "0", 5)
            $0.hugepageLimits = [.init(pageSize: "2MB", limit: 4), .init(pageSize: "1GB", limit: 0)]
            $0.unified = ["memory.high": "1900"]
        }
        #expect(files.files["/c/pod/a/cpu.weight"] == "79")
        #expect(files.files["/c/pod/a/cpu.max"] == "70000 100000")
        #expect(files.files["/c/pod/a/memory.max"] == "2000")
        #expect(files.files["/c/pod/a/memory.swap.max"] == "600")
        #expect(files.files["/c/pod/a/cpuset.cpus"] == "1-2")
        #expect(files.files["/c/pod/a/hugetlb.2MB.max"] == "4")
        #expect(files.files["/c/pod/a/memory.high"] == "1900")
        // One that has chosen its own keeps it.
        #expect(files.scores == [7: 5, 8: 300])
        #expect(outcome.resources.cpuPeriod == 100000 && outcome.resources.cpuQuota == 70000)
        #expect(outcome.undo.run() == [])
        #expect(files.files == Self.filesV2 && files.scores == [7: 0, 8: 300])
    }

    @Test(
        "A step that fails in the middle takes those before it back",
        arguments: ["cpu.weight", "cpu.max", "memory.max", "memory.swap.max", "memory.high"])
    func middle(_ name: String) throws {
        let files = FakeControlFiles(Self.filesV2)
        files.refuse("/c/pod/a/\(name)")
        let error = #expect(throws: EngineError.self) {
            _ = try apply(files) {
                ($0.cpuShares, $0.cpuQuota, $0.memoryLimit, $0.memorySwapLimit) = (2048, 70000, 2000, 2600)
                $0.cpusetCpus = "1"
                $0.unified = ["memory.high": "1900"]
            }
        }
        #expect(error?.code == .invalid && error?.message.contains("resources.") == true)
        #expect(files.files == Self.filesV2)
    }

    @Test("v1: memory and swap in an order that the kernel takes, quota and period too, and the lists of commands")
    func orderV1() throws {
        let files = FakeControlFiles(Self.filesV1)
        _ = try apply(files, Self.v1) { ($0.memoryLimit, $0.memorySwapLimit) = (2000, 3000) }
        #expect(files.writes == ["memory.memsw.limit_in_bytes=3000", "memory.limit_in_bytes=2000"])
        let lower = FakeControlFiles(Self.filesV1)
        _ = try apply(lower, Self.v1) { ($0.memoryLimit, $0.memorySwapLimit) = (500, 600) }
        #expect(lower.writes == ["memory.limit_in_bytes=500", "memory.memsw.limit_in_bytes=600"])
        let cpu = FakeControlFiles(Self.filesV1)
        _ = try apply(cpu, Self.v1) { ($0.cpuPeriod, $0.cpuQuota) = (10000, 20000) }
        #expect(cpu.writes == ["cpu.cfs_quota_us=-1", "cpu.cfs_period_us=10000", "cpu.cfs_quota_us=20000"])
        let set = FakeControlFiles(Self.filesV1)
        _ = try apply(set, Self.v1) { $0.cpusetCpus = "2" }
        #expect(set.writes == ["cpuset.cpus=0-1,2", "cpuset.cpus=2", "cpuset.cpus=2"])
    }

    @Test("What is wrong is refused by its key before anything is written")
    func refused() throws {
        let cases: [(String, CgroupLayout, (inout AppResources) -> Void)] = [
            ("cpuPeriod", Self.v2, { $0.cpuPeriod = 10 }), ("cpuQuota", Self.v2, { $0.cpuQuota = 999 }),
            ("cpusetCpus", Self.v2, { $0.cpusetCpus = "3-4" }), ("cpusetCpus", Self.v1, { $0.cpusetCpus = "7" }),
            ("cpusetMems", Self.v2, { $0.cpusetMems = "1" }), ("memoryLimit", Self.v2, { $0.memoryLimit = 399 }),
            ("memorySwapLimit", Self.v2, { $0.memorySwapLimit = 900 }),
            ("memorySwapLimit", Self.v2, { $0.memoryLimit = 1600 }),
            ("memorySwapLimit", Self.v2, { $0.memoryLimit = -1 }),
            ("hugepageLimits", Self.v2, { $0.hugepageLimits = [.init(pageSize: "3MB", limit: 0)] }),
            ("hugepageLimits", Self.v2, { $0.hugepageLimits = [.init(pageSize: "1GB", limit: 1)] }),
            ("unified", Self.v2, { $0.unified = ["memory.nothing": "1"] }),
            ("unified", Self.v2, { $0.unified = ["cgroup.kill": "1"] }),
            ("unified", Self.v2, { $0.unified = ["memory.max": "10"] }),
            ("unified", Self.v1, { $0.unified = ["memory.high": "1"] }),
        ]
        for (key, layout, change) in cases {
            let before = layout == Self.v2 ? Self.filesV2 : Self.filesV1
            let files = FakeControlFiles(before)
            let error = #expect(throws: EngineError.self) {
                _ = try apply(files, layout) {
                    $0.cpuShares = 4096
                    change(&$0)
                }
            }
            #expect(error?.message.hasPrefix("resources.\(key): ") == true, "\(key): \(error?.message ?? "")")
            #expect(files.files == before)
        }
    }

    @Test("Shares become weights as those before did")
    func weights() {
        #expect(CPUWeight.weight(1024, old: 0, weight: 100) == 39)
        #expect(CPUWeight.curved(1024) == 100)
        #expect(CPUWeight.weight(262_144, old: 1024, weight: 100) == 10_000)
        #expect(CPUWeight.weight(512, old: 1024, weight: 100) == CPUWeight.curved(512))
        #expect(CPUWeight.weight(512, old: 1024, weight: 39) == CPUWeight.linear(512))
    }
}
