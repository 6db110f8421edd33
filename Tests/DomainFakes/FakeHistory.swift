import ByteText
import Domain
import Synchronization

/// What was told of pods, as a test wrote it down.
package final class FakeHistory: PodHistory {
    private struct State {
        var lines: [PodID: [HistoryLine]] = [:]
        var names: [String: [PodID]] = [:]
        var error: DomainError?
    }

    private let state = Mutex(State())
    package init() {}

    package func tell(_ pod: PodID, _ lines: HistoryLine...) { state.withLock { $0.lines[pod, default: []] += lines } }

    /// The newest first.
    package func call(_ name: String, _ pods: PodID...) { state.withLock { $0.names[name] = pods } }

    package func fail(_ error: DomainError?) { state.withLock { $0.error = error } }

    package func lines(of pod: PodID, most: Int) async throws(DomainError) -> [HistoryLine] {
        try answer { Array(($0.lines[pod] ?? []).suffix(most)) }
    }

    package func pods(beginningWith prefix: String, most: Int) async throws(DomainError) -> [PodID] {
        try answer { Array($0.lines.keys.filter { $0.rawValue.begins(with: prefix) }.prefix(most)) }
    }

    package func pods(called name: String, most: Int) async throws(DomainError) -> [PodID] {
        try answer { Array(($0.names[name] ?? []).prefix(most)) }
    }

    private func answer<Value>(_ body: (State) -> Value) throws(DomainError) -> Value {
        let state = state.withLock { $0 }
        if let error = state.error { throw error }
        return body(state)
    }
}
