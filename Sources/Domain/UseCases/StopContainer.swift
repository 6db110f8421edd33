/// Ends a container: its stop signal, the grace, then SIGKILL. Returns once the exit is recorded.
///
/// What must always hold:
/// - one stop per container however many callers: a call joins the stop in flight with the shortest grace, unless its own is shorter
///   still: then a second engine call is made beside it, so that a caller who wants to kill at once can. All of them end with the exit;
/// - an unknown or exited container is stopped already;
/// - once begun, a stop goes on though its callers have left: a signal cannot be taken back. A caller who leaves stops waiting;
/// - no lock is held: a grace may last for hours.
package struct StopContainer: Sendable {
    package struct Key: Hashable, Sendable {
        var id: ContainerID
        var grace: Duration
    }

    package let flights = InFlight<Key, Bool, Bool>(whenAbandoned: .finish)
    private let context: UseCases.Context
    private let starts: StartContainer
    private var index: PodIndex { context.index }

    init(_ context: UseCases.Context, starts: StartContainer) {
        self.context = context
        self.starts = starts
    }

    /// - Parameter grace: zero or less kills at once.
    /// - Throws: why the exit is not recorded.
    package func callAsFunction(_ id: ContainerID, grace: Duration) async throws(DomainError) {
        guard let container = index.container(id), container.state != .exited else { return }
        // What has not started has nothing to say to a signal.
        // While it is being started it may run by the time the signal comes.
        let isIdle = container.state == .created && starts.flights.requests { $0 == id }.isEmpty
        let asked = isIdle ? .zero : max(grace, .zero)
        let shorter = flights.requests { $0.id == id && $0.grace < asked }.keys.map(\.grace).min()
        // One that has ended by now has stopped the container, or failed: then this caller's own grace holds again.
        if let shorter, try await flights.join(Key(id: id, grace: shorter)) != nil { return }
        let key = Key(id: id, grace: asked)
        _ = try await flights.run(key) { () throws(DomainError) in
            try await stop(key)
            return true
        }
    }

    private func stop(_ key: Key) async throws(DomainError) {
        guard let container = index.container(key.id), container.state != .exited else { return }
        let signal = key.grace == .zero ? Signal.kill : container.config.stopSignal
        do throws(DomainError) {
            let stopped = try await context.ports.engine.stopContainer(
                key.id, of: container.podID, signal: signal, grace: key.grace)
            index.learn(stopped)
        } catch {
            if error.code == .cancelled { throw error }
            // Gone meanwhile, with its pod's supervisor or by another's removal: as good as stopped. The engine's record says whether it is so.
            do throws(DomainError) {
                try await context.refresh(container.podID)
            } catch let unread {
                throw error.code == .notFound ? unread : error
            }
            if error.code != .notFound, let after = index.container(key.id), after.state != .exited { throw error }
        }
        guard let after = index.container(key.id), after.state != .exited else { return }
        throw DomainError(
            .internal, "container \(key.id) was stopped, but the engine recorded no exit; it is \(after.state.rawValue)"
        )
    }
}
