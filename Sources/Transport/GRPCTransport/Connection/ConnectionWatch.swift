import NIOCore

/// Decides, by the clock, when a connection needs something done. A pure state machine: times in, verdicts out.
struct ConnectionWatch {
    /// What is to be done.
    enum Verdict: Hashable {
        /// Close the connection at once; the text says why.
        case close(String)
        /// Ask the client for a sign of life.
        case ping
        /// The connection has been idle: let the client go gracefully.
        case drainIdle
        /// The time for RPCs to end by themselves is over.
        case cancelRPCs
    }

    private let limits: TransportConfiguration.Limits
    private let openedAt: NIODeadline
    /// The client has sent its SETTINGS.
    private(set) var isReady = false
    private var lastRead: NIODeadline
    private var lastBusy: NIODeadline
    private var pingSentAt: NIODeadline?
    private var drainingSince: NIODeadline?
    private var hasCancelled = false
    private var pendingWrites = 0
    private var lastWritten: NIODeadline

    init(limits: TransportConfiguration.Limits, now: NIODeadline) {
        self.limits = limits
        openedAt = now
        lastRead = now
        lastBusy = now
        lastWritten = now
    }

    /// How often to ask for verdicts, so that none comes late by more than a quarter.
    var interval: TimeAmount {
        let shortest = [
            limits.handshakeTimeout, limits.stallTimeout, limits.crowdedStallTimeout, limits.keepaliveTimeout,
            limits.keepaliveTime,
            limits.maxIdleTime, limits.drainCancelAfter, limits.drainCloseAfter,
        ].min()
        return max((shortest ?? limits.handshakeTimeout) / 4, .milliseconds(20))
    }

    var isDraining: Bool { drainingSince != nil }

    mutating func ready() { isReady = true }

    mutating func read(now: NIODeadline) {
        lastRead = now
    }

    mutating func pingAnswered() { pingSentAt = nil }

    mutating func beganDraining(now: NIODeadline) {
        if drainingSince == nil { drainingSince = now }
    }

    mutating func writeBegan(now: NIODeadline) {
        if pendingWrites == 0 { lastWritten = now }
        pendingWrites += 1
    }

    mutating func writeEnded(now: NIODeadline) {
        pendingWrites -= 1
        lastWritten = now
    }

    /// - Parameter isBusy: whether any stream is open or any RPC runs.
    mutating func verdict(now: NIODeadline, isBusy: Bool) -> Verdict? {
        if isBusy { lastBusy = now }
        if !isReady && now - openedAt >= limits.handshakeTimeout { return .close("the client sent no HTTP/2 preface") }
        if pendingWrites > 0 && now - lastWritten >= limits.stallTimeout { return .close("the client does not read") }
        if let verdict = drainVerdict(now: now) { return verdict }
        return keepaliveVerdict(now: now) ?? idleVerdict(now: now)
    }

    private mutating func drainVerdict(now: NIODeadline) -> Verdict? {
        guard let since = drainingSince else { return nil }
        if now - since >= limits.drainCloseAfter { return .close("the time to drain is over") }
        guard !hasCancelled, now - since >= limits.drainCancelAfter else { return nil }
        hasCancelled = true
        return .cancelRPCs
    }

    private mutating func keepaliveVerdict(now: NIODeadline) -> Verdict? {
        if let sent = pingSentAt {
            return now - sent >= limits.keepaliveTimeout ? .close("the client does not answer PING") : nil
        }
        guard isReady, now - lastRead >= limits.keepaliveTime else { return nil }
        pingSentAt = now
        return .ping
    }

    private func idleVerdict(now: NIODeadline) -> Verdict? {
        guard isReady, !isDraining, now - lastBusy >= limits.maxIdleTime else { return nil }
        return .drainIdle
    }
}

extension TimeAmount {
    fileprivate static func / (amount: TimeAmount, divisor: Int64) -> TimeAmount {
        .nanoseconds(amount.nanoseconds / divisor)
    }
}
