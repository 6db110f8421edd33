import GRPCCore
import Measures
import Synchronization

/// How many calls there were, by method and status, and how long they took together: what a metrics endpoint reads.
package final class RPCCounters: RPCObserver {
    package struct Key: Hashable, Sendable {
        /// `RunPodSandbox`.
        package var method: String
        package var code: Status.Code
    }

    package struct Tally: Hashable, Sendable {
        package var calls = 0
        package var duration = Duration.zero
        package var longest = Duration.zero
        package var latency = LatencyHistogram()
    }

    private struct State {
        var tallies: [Key: Tally] = [:]
        var inFlight: [String: Int] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// The calls that have ended.
    package var tallies: [Key: Tally] { state.withLock { $0.tallies } }

    /// The calls that are being served, by method.
    package var inFlight: [String: Int] { state.withLock { $0.inFlight } }

    package func started(_ method: MethodDescriptor, peer: String) {
        state.withLock { $0.inFlight[method.method, default: 0] += 1 }
    }

    package func finished(_ outcome: RPCOutcome) {
        state.withLock { state in
            let left = state.inFlight[outcome.name, default: 1] - 1
            state.inFlight[outcome.name] = left > 0 ? left : nil
            var tally = state.tallies[Key(method: outcome.name, code: outcome.code)] ?? Tally()
            tally.calls += 1
            tally.duration += outcome.duration
            tally.latency.observe(outcome.duration)
            tally.longest = max(tally.longest, outcome.duration)
            state.tallies[Key(method: outcome.name, code: outcome.code)] = tally
        }
    }
}
