import Domain
import Synchronization

/// Where tests reach into the fakes: before and after the effect of each port call.
package final class Failpoints: Sendable {
    package enum Moment: String, Sendable, CaseIterable {
        /// Nothing has happened yet.
        case before
        /// The effect is there, the answer is not.
        case after
    }

    package enum Action: Sendable {
        case fail(DomainError)
        case hold(Gate)
    }

    private struct Point: Hashable {
        var call: PortCall
        var moment: Moment
    }

    private struct State {
        var armed: [Point: [(action: Action, times: Int)]] = [:]
        var calls: [PortCall] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// The next `times` calls of this kind meet the action; then the point is clear again.
    package func arm(_ call: PortCall, _ moment: Moment, _ action: Action, times: Int = 1) {
        state.withLock { $0.armed[Point(call: call, moment: moment), default: []].append((action, times)) }
    }

    /// Holds the next calls of this kind; the gate tells when they have come, and lets them go.
    package func hold(
        _ call: PortCall, _ moment: Moment, times: Int = 1, heedsCancellation: Bool = true
    ) -> Gate {
        let gate = Gate(heedsCancellation: heedsCancellation)
        arm(call, moment, .hold(gate), times: times)
        return gate
    }

    package func disarmAll() { state.withLock { $0.armed = [:] } }

    /// The calls in the order they came.
    package var calls: [PortCall] { state.withLock { $0.calls } }

    package func count(_ call: PortCall) -> Int { calls.filter { $0 == call }.count }

    package func forgetCalls() { state.withLock { $0.calls = [] } }

    /// What a fake does at the start of a call.
    package func enter(_ call: PortCall) async throws(DomainError) {
        state.withLock { $0.calls.append(call) }
        try await meet(call, .before)
    }

    /// What a fake does between the effect and the answer.
    package func leave(_ call: PortCall) async throws(DomainError) { try await meet(call, .after) }

    /// The start of a call that cannot wait: gates let it through.
    package func enterAtOnce(_ call: PortCall) throws(DomainError) {
        state.withLock { $0.calls.append(call) }
        if case .fail(let error) = take(call, .before) { throw error }
    }

    private func meet(_ call: PortCall, _ moment: Moment) async throws(DomainError) {
        switch take(call, moment) {
        case .fail(let error): throw error
        case .hold(let gate): try await gate.pass()
        case nil: return
        }
    }

    private func take(_ call: PortCall, _ moment: Moment) -> Action? {
        state.withLock { state in
            let point = Point(call: call, moment: moment)
            guard var queue = state.armed[point], let first = queue.first else { return nil }
            if first.times > 1 { queue[0].times -= 1 } else { queue.removeFirst() }
            state.armed[point] = queue.isEmpty ? nil : queue
            return first.action
        }
    }
}
