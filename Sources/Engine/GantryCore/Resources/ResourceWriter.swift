import ByteText

/// The single steps of a change of limits.
struct ResourceWriter {
    let cgroup: AppCgroup
    let old: AppResources
    let change: AppResources
    /// What is to be in force.
    let new: AppResources
    let host: ResourceChange.Host
    let files: any ControlFiles
    private(set) var undo: ResourceUndo
    private(set) var notes: [String] = []

    init(
        cgroup: AppCgroup, old: AppResources, change: AppResources, new: AppResources, host: ResourceChange.Host,
        files: any ControlFiles
    ) {
        self.cgroup = cgroup
        self.old = old
        self.change = change
        self.new = new
        self.host = host
        self.files = files
        undo = ResourceUndo(files)
    }

    private func invalid(_ key: String, _ problem: String) -> EngineError { AppResources.invalid(key, problem) }

    /// Where a controller's files of the app are.
    private struct Place {
        var directory: String
        var isUnified: Bool

        var parent: String { String(directory.parentPath ?? "/") }
        func file(_ name: String) -> String { "\(directory)/\(name)" }
    }

    private func place(_ controller: String, for key: String) throws(EngineError) -> Place {
        if let place = place(controller) { return place }
        throw invalid(key, "this host has no cgroup controller \(controller)")
    }

    private func place(_ controller: String) -> Place? {
        if let hierarchy = cgroup.layout.hierarchy(of: controller) {
            return Place(directory: hierarchy.directory(cgroup.path), isUnified: false)
        }
        guard cgroup.layout.isUnified, let unified = cgroup.layout.unified else { return nil }
        return Place(directory: unified.directory(cgroup.path), isUnified: true)
    }

    // MARK: Checks

    /// Finds what can be known to be wrong before anything is written.
    func check() throws(EngineError) {
        try checkList(change.cpusetCpus, "cpusetCpus", "cpus")
        try checkList(change.cpusetMems, "cpusetMems", "mems")
        if change.memoryLimit > 0 { try checkUsage(change.memoryLimit, "memoryLimit") }
        try checkSwap()
        for limit in change.hugepageLimits { try check(limit) }
        try checkUnified()
        if change.oomScoreAdj != 0, change.oomScoreAdj != old.oomScoreAdj, change.oomScoreAdj < host.lowestOOMScore {
            throw invalid(
                "oomScoreAdj",
                "\(change.oomScoreAdj) is out of reach on this host: \(host.lowestOOMScore) is the lowest")
        }
    }

    /// v2 would take a list of others, too, and then heed none of it.
    private func checkList(_ text: String, _ key: String, _ kind: String) throws(EngineError) {
        guard !text.isEmpty else { return }
        guard let wanted = CPUList(text) else { throw invalid(key, "\"\(text)\" is not a list as 0-2,4") }
        let place = try place("cpuset", for: key)
        let names = place.isUnified ? ["cpuset.\(kind).effective"] : ["cpuset.effective_\(kind)", "cpuset.\(kind)"]
        var allowed: String?
        for name in names where allowed == nil { allowed = try files.read("\(place.parent)/\(name)") }
        guard let allowed, let list = CPUList(allowed) else { return }
        let missing = wanted.subtracting(list).map { "\($0)" }
        guard missing.isEmpty else {
            throw invalid(key, "\(missing.prefix(8).joined(separator: ",")) is not among those of the pod, \(allowed)")
        }
    }

    /// v2 does not refuse a limit below what is in use: it kills. What the kernel can give up beforehand, it does.
    private func checkUsage(_ limit: Int64, _ key: String) throws(EngineError) {
        let place = try place("memory", for: key)
        guard place.isUnified, var usage = try usage(place) else { return }
        if usage > limit {
            try? files.write(place.file("memory.reclaim"), "\(usage - limit)")
            usage = try self.usage(place) ?? usage
        }
        guard usage <= limit else {
            throw invalid(key, "\(limit) is below the \(usage) bytes that the app uses now")
        }
    }

    private func usage(_ place: Place) throws(EngineError) -> Int64? {
        try files.read(place.file("memory.current")).flatMap { Int64(digits: $0) }
    }

    private func checkSwap() throws(EngineError) {
        guard changesSwap, !host.limitsSwap, new.memorySwapLimit > new.memoryLimit else { return }
        throw invalid("memorySwapLimit", "this kernel does not limit swap")
    }

    private var changesSwap: Bool {
        new.memorySwapLimit != 0 && (change.memorySwapLimit != 0 || change.memoryLimit != 0)
    }

    private func check(_ limit: AppResources.HugepageLimit) throws(EngineError) {
        guard host.pageSizes.has(limit.pageSize) else {
            throw invalid("hugepageLimits", "this host has no huge pages of \(limit.pageSize)")
        }
        guard limit.limit == 0 || host.limitedPageSizes.has(limit.pageSize) else {
            throw invalid("hugepageLimits", "this host cannot limit huge pages of \(limit.pageSize)")
        }
    }

    private func checkUnified() throws(EngineError) {
        guard !change.unified.isEmpty else { return }
        guard cgroup.layout.isUnified, let unified = cgroup.layout.unified else {
            throw invalid("unified", "needs cgroup v2, and this host has v1")
        }
        let directory = unified.directory(cgroup.path)
        for (file, value) in change.unified {
            guard try files.read("\(directory)/\(file)") != nil else {
                throw invalid("unified", "there is no \(file) in the cgroup of an app on this host")
            }
            if file.isSame(as: "memory.max"), let limit = Int64(digits: value.trimmed) {
                try checkUsage(limit, "unified")
            }
            if file.isSame(as: "cpuset.cpus") { try checkList(String(value.trimmed), "unified", "cpus") }
            if file.isSame(as: "cpuset.mems") { try checkList(String(value.trimmed), "unified", "mems") }
        }
    }

    // MARK: Writing

    /// In an order in which each step is allowed after those before it.
    mutating func write() throws(EngineError) {
        try writeList(change.cpusetCpus, "cpusetCpus", "cpuset.cpus")
        try writeList(change.cpusetMems, "cpusetMems", "cpuset.mems")
        try writeShares()
        try writeQuota()
        try writeHugepages()
        try writeMemory()
        guard let unified = cgroup.layout.unified else { return }
        for (file, value) in change.unified.sorted(by: { $0.key.precedes($1.key) }) {
            try put("unified", "\(unified.directory(cgroup.path))/\(file)", value)
        }
    }

    private mutating func put(_ key: String, _ path: String, _ value: String) throws(EngineError) {
        guard let before = try files.read(path) else {
            throw invalid(key, "there is no \(path): the controller is not there for this app, or the app has ended")
        }
        guard !before.isSame(as: value) else { return }
        undo.note(path, before)
        do throws(EngineError) {
            try files.write(path, value)
        } catch {
            throw invalid(key, "the kernel does not take \(value.onOneLine): \(error.message)")
        }
    }

    /// v1 wants the lists of the cgroups of commands to be within the app's at any time.
    private mutating func writeList(_ list: String, _ key: String, _ name: String) throws(EngineError) {
        guard !list.isEmpty else { return }
        let place = try place("cpuset", for: key)
        let below = place.isUnified ? [] : files.tree(place.directory).filter { !$0.isSame(as: place.directory) }
        if !below.isEmpty {
            let before = try files.read(place.file(name)) ?? ""
            try put(key, place.file(name), before.isEmpty ? list : "\(before),\(list)")
            for directory in below { try put(key, "\(directory)/\(name)", list) }
        }
        try put(key, place.file(name), list)
    }

    private mutating func writeShares() throws(EngineError) {
        guard change.cpuShares != 0 else { return }
        let place = try place("cpu", for: "cpuShares")
        guard place.isUnified else {
            return try put("cpuShares", place.file("cpu.shares"), "\(max(2, change.cpuShares))")
        }
        let now = try files.read(place.file("cpu.weight")).flatMap { Int64(digits: $0) }
        let weight = CPUWeight.weight(change.cpuShares, old: old.cpuShares, weight: now)
        try put("cpuShares", place.file("cpu.weight"), "\(weight)")
    }

    private mutating func writeQuota() throws(EngineError) {
        guard change.cpuQuota != 0 || change.cpuPeriod != 0 else { return }
        let key = change.cpuQuota != 0 ? "cpuQuota" : "cpuPeriod"
        let place = try place("cpu", for: key)
        if place.isUnified {
            let now = (try files.read(place.file("cpu.max")) ?? "").words(at: " ")
            let quota = change.cpuQuota == 0 ? now.first.map(String.init) ?? "max" : Self.number(change.cpuQuota)
            let period = change.cpuPeriod == 0 ? now.last.map(String.init) ?? "100000" : "\(change.cpuPeriod)"
            return try put(key, place.file("cpu.max"), "\(quota) \(period)")
        }
        let (quota, period) = (place.file("cpu.cfs_quota_us"), place.file("cpu.cfs_period_us"))
        let before = try files.read(quota) ?? "-1"
        if change.cpuPeriod != 0, try files.read(period).flatMap({ Int64(digits: $0) }) != change.cpuPeriod {
            // In between, their proportion could be more than the pod may have.
            try put("cpuQuota", quota, "-1")
            try put("cpuPeriod", period, "\(change.cpuPeriod)")
        }
        try put(key, quota, change.cpuQuota == 0 ? before : "\(change.cpuQuota)")
    }

    private static func number(_ limit: Int64) -> String { limit < 0 ? "max" : "\(limit)" }

    private mutating func writeHugepages() throws(EngineError) {
        for limit in change.hugepageLimits where host.limitedPageSizes.has(limit.pageSize) {
            let place = try place("hugetlb", for: "hugepageLimits")
            let end = place.isUnified ? "max" : "limit_in_bytes"
            try put("hugepageLimits", place.file("hugetlb.\(limit.pageSize).\(end)"), "\(limit.limit)")
            // What is reserved counts, too, where the kernel (5.7) limits it and crun does.
            let reserved = place.file("hugetlb.\(limit.pageSize).rsvd.\(end)")
            if try files.read(reserved) != nil { try put("hugepageLimits", reserved, "\(limit.limit)") }
        }
    }

    private mutating func writeMemory() throws(EngineError) {
        guard change.memoryLimit != 0 || changesSwap else { return }
        let place = try place("memory", for: change.memoryLimit != 0 ? "memoryLimit" : "memorySwapLimit")
        let limitsSwap = changesSwap && host.limitsSwap
        if changesSwap, !limitsSwap, new.memorySwapLimit > 0 {
            notes.append("resources.memorySwapLimit is left out: this kernel does not limit swap")
        }
        if place.isUnified {
            if change.memoryLimit != 0 {
                try put("memoryLimit", place.file("memory.max"), Self.number(change.memoryLimit))
            }
            guard limitsSwap else { return }
            let swap = new.memorySwapLimit < 0 ? -1 : new.memorySwapLimit - new.memoryLimit
            return try put("memorySwapLimit", place.file("memory.swap.max"), Self.number(swap))
        }
        let both = place.file("memory.memsw.limit_in_bytes")
        // Both together are never less than the memory alone.
        let now = try files.read(both).flatMap { UInt64(digits: $0) } ?? .max
        let isRaised = new.memorySwapLimit < 0 || UInt64(clamping: new.memorySwapLimit) > now
        if limitsSwap, isRaised { try put("memorySwapLimit", both, "\(new.memorySwapLimit)") }
        if change.memoryLimit != 0 {
            try put("memoryLimit", place.file("memory.limit_in_bytes"), "\(change.memoryLimit)")
        }
        if limitsSwap, !isRaised { try put("memorySwapLimit", both, "\(new.memorySwapLimit)") }
    }

    // MARK: OOM scores

    /// Gives the app's processes another OOM score, but for those that have chosen one themselves.
    mutating func writeScores(from score: Int64) throws(EngineError) {
        let wanted = change.oomScoreAdj
        guard wanted != 0, wanted != old.oomScoreAdj, wanted != score else { return }
        guard let directory = cgroup.directories.first(where: { !files.tree($0).flatMap(files.processes).isEmpty })
        else { return }
        // A process that was forked meanwhile may have its parent's.
        for _ in 0..<32 {
            var isDone = true
            for process in files.tree(directory).flatMap(files.processes) {
                guard try files.score(of: process, in: cgroup.path) == score else { continue }
                undo.noteScore(score, of: process, in: cgroup.path)
                do throws(EngineError) {
                    try files.setScore(wanted, of: process, in: cgroup.path)
                } catch {
                    throw invalid("oomScoreAdj", error.message)
                }
                isDone = false
            }
            if isDone { return }
        }
    }
}
