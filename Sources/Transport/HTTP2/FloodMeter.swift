import NIOCore

/// A token bucket that says when a peer sends more of something than it may.
struct FloodMeter: Sendable {
    private let allowance: SessionConfiguration.Allowance
    private var tokens: UInt64
    private var refilled: NIODeadline

    init(_ allowance: SessionConfiguration.Allowance, now: NIODeadline) {
        self.allowance = allowance
        self.tokens = allowance.burst
        self.refilled = now
    }

    /// Takes one token; false when there is none.
    mutating func take(now: NIODeadline) -> Bool {
        refill(now: now)
        guard tokens > 0 else { return false }
        tokens -= 1
        return true
    }

    /// Gives tokens back, for what this side itself made the peer send.
    mutating func give(_ count: UInt64) {
        tokens = min(allowance.burst, tokens.addingReportingOverflow(count).partialValue)
    }

    private mutating func refill(now: NIODeadline) {
        guard now > refilled else { return }
        let elapsed = UInt64(clamping: (now - refilled).nanoseconds)
        let (product, overflow) = elapsed.multipliedReportingOverflow(by: allowance.perSecond)
        let earned = overflow ? allowance.burst : product / 1_000_000_000
        guard earned > 0 else { return }
        tokens = min(allowance.burst, tokens.addingReportingOverflow(earned).partialValue)
        refilled = now
    }
}
