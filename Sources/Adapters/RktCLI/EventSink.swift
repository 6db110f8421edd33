import Domain

/// The bounded way of events to the one who reads them.
struct EventSink: Sendable {
    /// Events that wait at most. Beyond it they are lost, which the pump answers with a new snapshot.
    static let capacity = 16384
    let continuation: AsyncStream<EngineEvent>.Continuation

    /// False when the event was lost: the reader must get a snapshot.
    func yield(_ event: EngineEvent) -> Bool {
        if case .dropped = continuation.yield(event) { return false }
        return true
    }
}

/// The reader is too slow: events were lost.
struct EventsLost: Error {}
