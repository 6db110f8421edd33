import ByteText
import Synchronization

/// CPU time per second over the last interval between two readings, by what was read.
///
/// What must always hold: one sample for each thing that exists, however many ask; it goes with the thing.
final class CPURates<ID: Hashable & Sendable>: Sendable {
    /// Readings closer together than this say little: the rate of before stays.
    private static var shortest: Int64 { 900_000_000 }

    private struct Sample {
        var cpu: UInt64
        var at: Int64
        var rate: UInt64?
    }

    private let samples = Mutex<[ID: Sample]>([:])

    /// Takes a reading in.
    ///
    /// - Parameter isAlive: asked of everything that has a sample whenever a new thing gets one.
    /// - Returns: nanoseconds per second; nil until there were two readings.
    func rate(_ id: ID, _ usage: CgroupUsage, isAlive: (ID) -> Bool) -> UInt64? {
        guard let cpu = usage.cpu else { return nil }
        let now = usage.at.nanoseconds
        return samples.withLock { samples in
            guard let sample = samples[id], cpu >= sample.cpu, now >= sample.at else {
                if samples[id] == nil { samples = samples.filter { isAlive($0.key) } }
                samples[id] = Sample(cpu: cpu, at: now)
                return nil
            }
            let (elapsed, isTooLong) = now.subtractingReportingOverflow(sample.at)
            guard isTooLong || elapsed >= Self.shortest else { return sample.rate }
            let rate = UInt64(saturating: Double(cpu - sample.cpu) * 1e9 / Double(elapsed))
            samples[id] = Sample(cpu: cpu, at: now, rate: isTooLong ? nil : rate)
            return isTooLong ? nil : rate
        }
    }

    func keep(where isAlive: (ID) -> Bool) {
        samples.withLock { samples in samples = samples.filter { isAlive($0.key) } }
    }

    var count: Int { samples.withLock { $0.count } }
}
