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
}
