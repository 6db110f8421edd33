import Synchronization

/// What has become of the calls that were told to hold, by the name the client gave them.
final class CallLedger: Sendable {
    enum Ending: String, Sendable {
        case released
        case cancelled
    }

    private struct State {
        var holding: [String: CheckedContinuation<Ending, Never>] = [:]
        var started: Set<String> = []
        var endings: [String: Ending] = [:]
        var watchers: [String: [CheckedContinuation<Void, Never>]] = [:]
    }

    private let state = Mutex(State())

    /// Holds the calling task until `end` is called with the name.
    func hold(_ name: String) async -> Ending {
        await withCheckedContinuation { continuation in
            let (ending, watchers) = state.withLock { state -> (Ending?, [CheckedContinuation<Void, Never>]) in
                state.started.insert(name)
                let watchers = state.watchers.removeValue(forKey: "started \(name)") ?? []
                if let ending = state.endings[name] { return (ending, watchers) }
                state.holding[name] = continuation
                return (nil, watchers)
            }
            for watcher in watchers { watcher.resume() }
            if let ending { continuation.resume(returning: ending) }
        }
    }

    func end(_ name: String, _ ending: Ending) {
        let (held, watchers) = state.withLock { state in
            if state.endings[name] == nil { state.endings[name] = ending }
            return (
                state.holding.removeValue(forKey: name),
                state.watchers.removeValue(forKey: "\(ending.rawValue) \(name)") ?? []
            )
        }
        held?.resume(returning: ending)
        for watcher in watchers { watcher.resume() }
    }

    /// Lets those go who wait for the event.
    func stopWaiting(for event: String) {
        for watcher in state.withLock({ $0.watchers.removeValue(forKey: event) ?? [] }) { watcher.resume() }
    }

    /// Returns once "started NAME", "cancelled NAME" or "released NAME" is true.
    func wait(for event: String) async {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                let words = event.split(separator: " ", maxSplits: 1).map(String.init)
                let name = words.last ?? ""
                if words.first == "started"
                    ? state.started.contains(name) : state.endings[name]?.rawValue == words.first
                {
                    return true
                }
                state.watchers[event, default: []].append(continuation)
                return false
            }
            if isDone { continuation.resume() }
        }
    }
}
