import Domain
import Synchronization

/// Whether the client of a connection is still there. One per connection, told by the server when it closes.
package final class ClientPresence: Sendable {
    private struct State {
        var isGone = false
        var isAdmitted: Bool
        var watchers: [UInt64: @Sendable () -> Void] = [:]
        var lastNumber: UInt64 = 0
    }

    private let state: Mutex<State>
    private let hangUp: @Sendable () -> Void

    /// - Parameters:
    ///   - isAdmitted: it has a guest's place from the beginning.
    ///   - hangUp: closes the connection at once, whatever is still to be sent.
    package init(isAdmitted: Bool = false, hangUp: @escaping @Sendable () -> Void = {}) {
        state = Mutex(State(isAdmitted: isAdmitted))
        self.hangUp = hangUp
    }

    package var isGone: Bool { state.withLock { $0.isGone } }

    /// It has one of the places of those who may ask for everything (``Connections``).
    var isAdmitted: Bool { state.withLock { $0.isAdmitted } }

    func becomeAdmitted() { state.withLock { $0.isAdmitted = true } }

    /// The connection has closed.
    package func end() {
        let watchers = state.withLock { state in
            state.isGone = true
            defer { state.watchers = [:] }
            return state.watchers
        }
        for watcher in watchers.values { watcher() }
    }

    /// Closes the connection of a client that does not read.
    func drop() { hangUp() }

    /// Calls `watcher` when the connection closes, at once when it has; until ``forget(_:)``.
    func watch(_ watcher: @escaping @Sendable () -> Void) -> UInt64 {
        let number = state.withLock { state -> UInt64? in
            if state.isGone { return nil }
            state.lastNumber += 1
            state.watchers[state.lastNumber] = watcher
            return state.lastNumber
        }
        guard let number else {
            watcher()
            return 0
        }
        return number
    }

    func forget(_ number: UInt64) { _ = state.withLock { $0.watchers.removeValue(forKey: number) } }

    /// Runs `work` in a child task that is cancelled when the connection closes, and waits for its end in any case.
    func run<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let ended = Latch()
        let watch = watch { ended.open() }
        defer { forget(watch) }
        async let value = Self.finishing(ended, work)
        _ = await ended.wait()
        // Leaving without a look at the child's result cancels it and waits for its end.
        if isGone { throw CancellationError() }
        return try await value
    }

    private static func finishing<Value: Sendable>(
        _ end: Latch, _ work: @Sendable () async throws -> Value
    ) async throws -> Value {
        defer { end.open() }
        return try await work()
    }
}
