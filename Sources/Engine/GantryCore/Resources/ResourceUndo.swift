import ByteText

/// What was there before a change of limits, to be put back in reverse order.
struct ResourceUndo: Sendable {
    private enum Step: Sendable {
        case file(path: String, old: String)
        case score(Int64, process: Int32, cgroup: String)
    }

    private let files: any ControlFiles
    private var steps: [Step] = []

    init(_ files: any ControlFiles) { self.files = files }

    /// Remember it before it is written over.
    mutating func note(_ path: String, _ old: String) { steps.append(.file(path: path, old: old)) }

    mutating func noteScore(_ old: Int64, of process: Int32, in cgroup: String) {
        steps.append(.score(old, process: process, cgroup: cgroup))
    }

    /// Puts everything back, going on past what fails.
    /// - Returns: what is not as it was before, for people.
    func run() -> [String] {
        var failures: [String] = []
        for step in steps.reversed() {
            do throws(EngineError) {
                switch step {
                case .file(let path, let old): try restore(path, old)
                case .score(let score, let process, let cgroup):
                    try files.setScore(score, of: process, in: cgroup)
                }
            } catch {
                failures.append(error.message)
            }
        }
        return failures
    }

    /// Some files take one line at a time, and keep what is not named: whether all is as before is for the file to say.
    private func restore(_ path: String, _ old: String) throws(EngineError) {
        guard let now = try files.read(path), !now.isSame(as: old) else { return }
        for line in old.words(at: "\n") { try files.write(path, String(line)) }
        guard let after = try files.read(path), !after.isSame(as: old) else { return }
        throw EngineError(.internal, "\(path) is \"\(after.onOneLine)\" and was \"\(old.onOneLine)\"")
    }
}
