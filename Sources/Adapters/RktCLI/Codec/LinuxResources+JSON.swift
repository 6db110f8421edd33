import ByteText
import Domain
import JSON

extension LinuxResources {
    /// The same keys as in the engine's configuration.
    var json: JSON {
        var document = JSONMembers()
        document.set("cpuPeriod", cpuPeriod)
        document.set("cpuQuota", cpuQuota)
        document.set("cpuShares", cpuShares)
        document.set("cpusetCpus", cpusetCPUs)
        document.set("cpusetMems", cpusetMems)
        document.set("memoryLimit", memoryLimit)
        document.set("memorySwapLimit", memorySwapLimit)
        document.set("oomScoreAdj", oomScoreAdjust)
        document.set(
            "hugepageLimits", hugepageLimits.map { ["pageSize": .string($0.pageSize), "limit": JSON($0.limit)] })
        document.set("unified", unified)
        return document.json
    }

    init(fields: JSONFields) throws(CodecError) {
        self.init()
        cpuPeriod = try fields.integer("cpuPeriod")
        cpuQuota = try fields.integer("cpuQuota")
        cpuShares = try fields.integer("cpuShares")
        cpusetCPUs = try fields.string("cpusetCpus")
        cpusetMems = try fields.string("cpusetMems")
        memoryLimit = try fields.integer("memoryLimit")
        memorySwapLimit = try fields.integer("memorySwapLimit")
        oomScoreAdjust = try fields.integer("oomScoreAdj")
        hugepageLimits = try fields.objects("hugepageLimits") { (nested) throws(CodecError) in
            HugepageLimit(pageSize: try nested.string("pageSize"), limit: try nested.integer("limit"))
        }
        unified = try fields.stringMap("unified")
    }

    /// The engine's keys and the CRI's fields.
    private static let fields = [
        ("cpuPeriod", "cpu_period"), ("cpuQuota", "cpu_quota"), ("cpuShares", "cpu_shares"),
        ("cpusetCpus", "cpuset_cpus"), ("cpusetMems", "cpuset_mems"), ("memoryLimit", "memory_limit_in_bytes"),
        ("memorySwapLimit", "memory_swap_limit_in_bytes"), ("oomScoreAdj", "oom_score_adj"),
        ("hugepageLimits", "hugepage_limits"), ("unified", "unified"),
    ]

    /// The engine's message with the path of a limit (`resources.memoryLimit:`) as the CRI has it.
    static func withWireNames(_ message: String) -> String {
        fields.reduce(message) { text, field in
            text.replacing(text: "resources.\(field.0):", with: "linux.\(field.1):")
        }
    }
}
