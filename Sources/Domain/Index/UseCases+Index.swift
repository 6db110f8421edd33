extension UseCases {
    /// What the ids that people type stand for.
    package var identify: Identify { Identify(context.index) }

    /// Rises with every change of pods and containers that clients can see: what was made of a list stays good while this
    /// stays the same. Read it before the list, so that news in between makes the list look older than it is, never newer.
    package var indexVersion: UInt64 { context.index.version }

    /// The time of day, for answers that say when they were made.
    package var now: Timestamp { context.ports.wallClock.now() }
}
