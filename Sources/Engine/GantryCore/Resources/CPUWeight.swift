import ByteText
import Glibc

/// Shares of cgroup v1 (2 to 262144) as weights of v2 (1 to 10000). crun converted them in proportion up to 1.22, and later along a curve on
/// which the usual 1024 is the usual 100. A container's are converted as they were when it was made.
enum CPUWeight {
    static func linear(_ shares: Int64) -> Int64 { 1 + (max(2, shares) - 2) * 9999 / 262_142 }

    static func curved(_ shares: Int64) -> Int64 {
        if shares <= 2 { return 1 }
        if shares >= 262_144 { return 10_000 }
        let l = log2(Double(shares))
        return Int64(saturating: pow(10, (l * l + 125 * l) / 612 - 7 / 34).rounded(.up))
    }

    /// - Parameters:
    ///   - old: the shares so far; 0: none were set.
    ///   - weight: what they are at present.
    static func weight(_ shares: Int64, old: Int64, weight: Int64?) -> Int64 {
        let isCurved = old > 0 && weight != linear(old) && weight == curved(old)
        return isCurved ? curved(shares) : linear(shares)
    }
}
