import ByteText
import Glibc

/// The OOM score of a process about to be made, which inherits it: crun leaves it alone when it is 0, and for commands always, so that a
/// container would get the supervisor's own, which keeps the kernel away from it.
enum OOMScore {
    private static let file = "/proc/self/oom_score_adj"

    /// Runs `body` with this process's score set to `score`.
    static func with<Result>(
        _ score: Int64, _ body: () throws(EngineError) -> Result
    ) throws(EngineError) -> Result {
        let own = try Files.readText(file, limit: 16)
        guard Int64(decimal: own.trimmed) != score else { return try body() }
        try Files.write(file, String(score))
        // Back to a score that this process has had already: allowed also without CAP_SYS_RESOURCE.
        defer { try? Files.write(file, own) }
        return try body()
    }
}
