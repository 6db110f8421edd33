import GantryCore

/// Prints what happens to pods, apps and images. Among the plain verbs because of the memory that it saves: the daemon's reader runs as
/// long as the daemon does.
struct FollowEvents: Verb, Equatable {
    struct Position: Equatable {
        var sequence: UInt64
        /// Of the engine's boot that the sequence belongs to.
        var boot: String
    }

    static let title = "events"

    var context: EngineContext
    /// The last event that is known; nil: a snapshot comes first.
    var since: Position?
    /// Whether to go on until interrupted.
    var follow = true

    func perform() throws(EngineError) {
        let position = since.map { (sequence: $0.sequence, boot: $0.boot) }
        try EventPrinter.run(store: context.store, since: position, follow: follow, output: 1)
    }
}
