import HTTPTypes
import Synchronization

/// How many answers of one kind may go on at a time. Events, logs and pulls have places apart, and all of them together fewer than there are
/// connections: whatever streams, there is room for asking.
final class StreamPlaces: Sendable {
    private let what: String
    private let most: Int
    private let taken = Mutex(0)

    /// - Parameter what: for the one who is refused, such as "event streams".
    init(_ what: String, most: Int) {
        self.what = what
        self.most = most
    }

    /// One of them, until nobody holds it any more.
    ///
    /// - Throws: 503 when there is none left.
    func take() throws(Problem) -> StreamPlace {
        let isTaken = taken.withLock { taken in
            guard taken < most else { return false }
            taken += 1
            return true
        }
        guard isTaken else {
            throw Problem(
                .serviceUnavailable, code: "tooManyStreams", "\(most) \(what) are open; end one of them, or try again",
                headers: [.retryAfter: "5"])
        }
        return StreamPlace(of: self)
    }

    fileprivate func giveBack() { taken.withLock { $0 -= 1 } }
}

/// Gives its place back when it goes.
final class StreamPlace: Sendable {
    private let places: StreamPlaces

    fileprivate init(of places: StreamPlaces) { self.places = places }

    deinit { places.giveBack() }
}
