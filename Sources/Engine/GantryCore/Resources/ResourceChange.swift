import ByteText

/// Brings the cgroup of an app, and its processes, to other limits: all of them or none.
struct ResourceChange: Sendable {
    /// What may be limited on this host.
    struct Host: Sendable {
        var lowestOOMScore: Int64
        var limitsSwap: Bool
        /// Sizes of huge pages that the kernel has, and those of them that it limits.
        var pageSizes: Set<String>
        var limitedPageSizes: Set<String>
    }

    struct Outcome: Sendable {
        /// What is in force now.
        var resources: AppResources
        var undo: ResourceUndo
        /// For people.
        var notes: [String] = []
    }

    let cgroup: AppCgroup
    /// What is in force.
    let old: AppResources
    let change: AppResources
    /// What the app's processes were given.
    let score: Int64
    let host: Host
    var files: any ControlFiles = KernelFiles()

    /// - Throws: `invalid`, naming the key, when a limit cannot be set; everything is as it was then, or the error says what is not.
    func apply() throws(EngineError) -> Outcome {
        try change.checkAsChange()
        let new = old.applying(change)
        try new.checkAsResult()
        var writer = ResourceWriter(cgroup: cgroup, old: old, change: change, new: new, host: host, files: files)
        try writer.check()
        do throws(EngineError) {
            try writer.write()
            try writer.writeScores(from: score)
        } catch {
            throw Self.error(error, leaving: writer.undo.run())
        }
        return Outcome(resources: new, undo: writer.undo, notes: writer.notes)
    }

    /// With what could not be put back.
    static func error(_ error: EngineError, leaving rest: [String]) -> EngineError {
        guard !rest.isEmpty else { return error }
        return EngineError(
            error.code, "\(error.message); not everything could be put back: \(rest.joined(separator: "; "))")
    }
}
