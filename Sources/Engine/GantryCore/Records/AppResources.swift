import ByteText
import JSON

/// What an app may use; zero and empty mean that nothing is set.
package struct AppResources: Equatable, Sendable {
    package struct HugepageLimit: Equatable, Sendable {
        /// As the kernel names it: `2MB`, `1GB`.
        package var pageSize: String
        /// Bytes.
        package var limit: Int64

        package init(pageSize: String, limit: Int64) {
            self.pageSize = pageSize
            self.limit = limit
        }
    }

    /// Microseconds.
    package var cpuPeriod: Int64 = 0
    /// Microseconds per period; -1: no limit.
    package var cpuQuota: Int64 = 0
    package var cpuShares: Int64 = 0
    package var cpusetCpus = ""
    package var cpusetMems = ""
    /// Bytes; -1: no limit.
    package var memoryLimit: Int64 = 0
    /// Bytes of memory and swap together; -1: no limit.
    package var memorySwapLimit: Int64 = 0
    package var oomScoreAdj: Int64 = 0
    package var hugepageLimits: [HugepageLimit] = []
    /// Files of cgroup v2 and what to write to them.
    package var unified: [String: String] = [:]

    /// Of `cpuShares`, by the kernel.
    static let shares: ClosedRange<Int64> = 0...262_144

    package init() {}

    init(_ reader: inout ObjectReader) throws(EngineError) {
        try self.init(record: &reader)
        try reader.finish()
    }

    /// Of a record, which a newer engine may have added to.
    init(record reader: inout ObjectReader) throws(EngineError) {
        // As far as the kernel goes; crun's conversion of shares into weights wraps far above.
        cpuPeriod = try reader.integer("cpuPeriod", in: 0...1_000_000)
        cpuQuota = try reader.integer("cpuQuota", in: -1...(1 << 44) - 1)
        cpuShares = try reader.integer("cpuShares", in: Self.shares)
        cpusetCpus = try reader.string("cpusetCpus")
        cpusetMems = try reader.string("cpusetMems")
        memoryLimit = try reader.integer("memoryLimit", in: -1...Int64.max)
        memorySwapLimit = try reader.integer("memorySwapLimit", in: -1...Int64.max)
        oomScoreAdj = try reader.integer("oomScoreAdj", in: -1000...1000)
        hugepageLimits = try reader.objects("hugepageLimits") { (nested) throws(EngineError) in
            let size = try nested.string("pageSize")
            guard !size.isEmpty else { throw nested.invalid("pageSize", "is missing") }
            let limit = HugepageLimit(pageSize: size, limit: try nested.integer("limit", in: 0...Int64.max))
            try nested.finish()
            return limit
        }
        unified = try reader.stringMap("unified")
        for file in unified.keys.sorted() where !Validation.isWord(file) || file.has("/") || file.begins(with: ".") {
            throw reader.invalid("unified", "\"\(file)\" is not the name of a cgroup file")
        }
        for (name, list) in [("cpusetCpus", cpusetCpus), ("cpusetMems", cpusetMems)] {
            guard list.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2c || $0 == 0x2d }) else {
                throw reader.invalid(name, "\"\(list)\" is not a list as 0-2,4")
            }
        }
    }

    package var json: JSON {
        .object([
            "cpuPeriod": .integer(cpuPeriod), "cpuQuota": .integer(cpuQuota), "cpuShares": .integer(cpuShares),
            "cpusetCpus": .string(cpusetCpus), "cpusetMems": .string(cpusetMems), "memoryLimit": .integer(memoryLimit),
            "memorySwapLimit": .integer(memorySwapLimit), "oomScoreAdj": .integer(oomScoreAdj),
            "hugepageLimits": .array(
                hugepageLimits.map { .object(["pageSize": .string($0.pageSize), "limit": .integer($0.limit)]) }),
            "unified": .stringMap(unified),
        ])
    }
}
