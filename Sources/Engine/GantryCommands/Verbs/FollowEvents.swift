import ByteText
import GantryCore

/// Prints what happens to pods, apps and images. Among the plain verbs because of the memory that it saves: the daemon's reader runs as
/// long as the daemon does.
struct FollowEvents: Verb, Equatable {
    static let title = "events"

    var context: EngineContext
    /// A file with the position to begin after, or - for standard input; with `boot` a number of an older engine. Nil: a snapshot comes
    /// first.
    var since: String?
    /// Of an older engine's position.
    var boot: String?
    /// Whether to go on until interrupted.
    var follow = true

    /// Whether the two make sense together.
    static func isBeginning(since: String?, boot: String?) -> Bool {
        switch (since, boot) {
        case (nil, nil): true
        case (nil, _?): false
        case (let since?, nil): since.isSame(as: "-") || since.has("/")
        case (let since?, _?): UInt64(digits: since) != nil
        }
    }

    func perform() throws(EngineError) {
        try EventPrinter.run(store: context.store, beginning(), follow: follow, output: 1)
    }

    private func beginning() throws(EngineError) -> EventPrinter.Beginning {
        guard let since else { return .snapshot }
        guard boot == nil else { return .gap }
        return .after(try EventPosition(json: ConfigInput.read(since, title: "position")))
    }
}
