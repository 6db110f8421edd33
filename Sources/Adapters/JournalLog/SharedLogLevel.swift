import Logging
import Synchronization

/// From which level on the daemon's records are written: one value for every logger that has none of its own, which may change at any time.
package final class SharedLogLevel: Sendable {
    private let place: Atomic<Int>

    package init(_ level: Logger.Level) {
        place = Atomic(Self.place(of: level))
    }

    package var current: Logger.Level { Logger.Level.allCases[place.load(ordering: .relaxed)] }

    package func set(_ level: Logger.Level) { place.store(Self.place(of: level), ordering: .relaxed) }

    private static func place(of level: Logger.Level) -> Int { Logger.Level.allCases.firstIndex(of: level) ?? 0 }
}
