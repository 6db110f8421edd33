import ByteText
import Synchronization

/// What the daemon knows of its pods and containers: a disposable copy of the engine's truth, in memory.
///
/// What must always hold:
/// - reading does no I/O and waits for nobody;
/// - news is applied by states that only move forward; an exit is written once; a removed id does not come back;
/// - what a use-case is making is kept, and hidden, until that use-case says what became of it;
/// - events are published in the order of the changes, each exactly once.
package final class PodIndex: Sendable {
    private let state = Mutex(IndexState())
    private let wallClock: any WallClock
    package let events: EventBroadcaster
    /// Who waits to hear that a pod is ready.
    private let listeners = Mutex(Listeners())

    package init(wallClock: any WallClock, events: EventBroadcaster = EventBroadcaster()) {
        self.wallClock = wallClock
        self.events = events
    }

    /// Changes the index as one step and publishes what that meant, in order.
    func change<Value: Sendable>(_ body: (inout IndexState) -> Value) -> Value {
        let (value, heard) = state.withLock { state in
            let value = body(&state)
            if !state.happenings.isEmpty {
                let happenings = state.happenings
                state.happenings = []
                if events.hasSubscribers { events.publish(happenings.map { event($0, state) }) }
            }
            return (value, takeListeners(state))
        }
        // Never under a lock that a cancellation handler takes: resuming may wait for that handler.
        for seat in heard { seat.resume() }
        return value
    }

    private struct Listeners {
        var seats: [UInt64: (pod: PodID, seat: CheckedContinuation<Void, Never>)] = [:]
        var nextNumber: UInt64 = 0
    }

    private func takeListeners(_ state: IndexState) -> [CheckedContinuation<Void, Never>] {
        listeners.withLock { listeners in
            if listeners.seats.isEmpty { return [] }
            let due = listeners.seats.filter { state.pods[$0.value.pod]?.pod.state != .creating }
            for number in due.keys { listeners.seats[number] = nil }
            return due.values.map(\.seat)
        }
    }

    /// Returns once the engine has told that a pod is not being made any more, or the task is cancelled.
    package func heardEnough(of id: PodID) async {
        let number = listeners.withLock { listeners in
            listeners.nextNumber += 1
            return listeners.nextNumber
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { seat in
                let early = state.withLock { state in
                    guard state.pods[id]?.pod.state == .creating, !Task.isCancelled else { return true }
                    listeners.withLock { $0.seats[number] = (id, seat) }
                    return false
                }
                if early { seat.resume() }
            }
        } onCancel: {
            // The order of the locks is the one above: no seat is taken between the look and the leaving.
            let left = state.withLock { _ in listeners.withLock { $0.seats.removeValue(forKey: number) } }
            left?.seat.resume()
        }
    }

    func read<Value: Sendable>(_ body: (inout IndexState) -> Value) -> Value {
        state.withLock { body(&$0) }
    }

    private func event(_ happening: IndexState.Happening, _ state: IndexState) -> ContainerEvent {
        ContainerEvent(
            objectID: happening.objectID, kind: happening.kind, at: happening.at ?? wallClock.now(),
            pod: happening.pod, containers: state.visibleContainers(of: happening.podID))
    }
}

// MARK: Reading

extension PodIndex {
    /// Rises with every change that clients can see: what was made of a list stays good while this stays the same.
    package var version: UInt64 { read { $0.version } }

    package func pod(_ id: PodID) -> PodSandbox? { read { $0.pods[id]?.visible } }

    package func pod(called name: PodSandboxMetadata) -> PodID? {
        read { state in state.podNames[name]?.first { state.pods[$0]?.visible != nil } }
    }

    package func container(_ id: ContainerID) -> Container? { read { $0.containers[id]?.visible } }

    package func containers(of pod: PodID) -> [Container] { read { $0.visibleContainers(of: pod) } }

    /// A pod with its containers, as of one instant.
    package func record(of pod: PodID) -> PodRecord? {
        read { state in
            state.pods[pod]?.visible.map { PodRecord(pod: $0, containers: state.visibleContainers(of: pod)) }
        }
    }

    package func pods(_ filter: PodSandboxFilter = PodSandboxFilter()) -> [PodSandbox] {
        let candidates = read { state in
            guard !filter.id.isEmpty else { return state.visiblePods() }
            return PodID(filter.id).flatMap { state.pods[$0]?.visible }.map { [$0] } ?? []
        }
        if filter.state == nil, filter.labels.isEmpty { return candidates }
        return candidates.filter { pod in
            (filter.state == nil || pod.state == filter.state) && filter.labels.isContained(in: pod.config.labels)
        }
    }

    package func containers(_ filter: ContainerFilter = ContainerFilter()) -> [Container] {
        let candidates = read { state -> [Container] in
            if !filter.id.isEmpty {
                return ContainerID(filter.id).flatMap { state.containers[$0]?.visible }.map { [$0] } ?? []
            }
            guard !filter.podID.isEmpty else { return state.visibleContainers() }
            return PodID(filter.podID).map { state.visibleContainers(of: $0) } ?? []
        }
        if filter.podID.isEmpty, filter.state == nil, filter.labels.isEmpty { return candidates }
        return candidates.filter { container in
            (filter.podID.isEmpty || container.podID.rawValue == filter.podID)
                && (filter.state == nil || container.state == filter.state)
                && filter.labels.isContained(in: container.config.labels)
        }
    }
}

extension [String: String] {
    fileprivate func isContained(in labels: [String: String]) -> Bool {
        allSatisfy { label in labels[exactly: label.key].map { $0.isSame(as: label.value) } ?? false }
    }
}
