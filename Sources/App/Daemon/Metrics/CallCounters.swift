import CallRecords
import Domain
import Measures
import Synchronization

/// How often the world outside was asked for something, how it went and how long it took: engine, systemd, images.
final class CallCounters: Sendable {
    private struct Key: Hashable {
        var call: String
        var code: String
    }

    /// Who is asked: `engine`, `systemd`, `image`.
    private let whom: String
    private let histograms = Mutex<[Key: LatencyHistogram]>([:])

    init(of whom: String) {
        self.whom = whom
    }

    /// Counts the call, and notes it as a step of the one that is served.
    func measure<Value>(
        _ call: String, _ work: () async throws(DomainError) -> Value
    ) async throws(DomainError) -> Value {
        let start = ContinuousClock.now
        do throws(DomainError) {
            let value = try await work()
            finished(Key(call: call, code: "ok"), since: start)
            return value
        } catch {
            finished(Key(call: call, code: error.code.rawValue), since: start)
            throw error
        }
    }

    private func finished(_ key: Key, since start: ContinuousClock.Instant) {
        RecordedCall.current?.step("\(whom) \(key.call)", since: start, code: key.code)
        let duration = ContinuousClock.now - start
        histograms.withLock { $0[key, default: LatencyHistogram()].observe(duration) }
    }

    /// - Parameters:
    ///   - name: of the metric.
    ///   - help: what it is about.
    func family(_ name: String, _ help: String) -> MetricFamily {
        MetricFamily(
            name, .histogram, help,
            histograms.withLock { $0 }.map { .init(["call": $0.key.call, "code": $0.key.code], $0.value) })
    }
}
