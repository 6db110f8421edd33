import ByteText
import Domain
import Synchronization

/// Grants that wait for their clients: each behind a token of 128 random bits, used once, for a minute, and only so many at a time.
///
/// A token is what a session is worth: nothing of it is written to a log.
package final class SingleUseTickets: SessionTickets {
    /// How long a client has to come.
    package static let lifetime: Duration = .seconds(60)
    /// How many may wait: a thousand, as with other runtimes.
    package static let limit = 1000

    private struct Ticket {
        let token: [UInt8]
        let request: SessionRequest
        let expiry: Duration
    }

    private struct State {
        /// `http://127.0.0.1:40123`; nil while nobody listens.
        var base: String?
        /// In the order of their expiry.
        var tickets: [Ticket] = []
    }

    private let state = Mutex(State())
    /// The time since some moment.
    private let now: @Sendable () -> Duration

    package init(now: @escaping @Sendable () -> Duration) { self.now = now }

    package convenience init() {
        let start = ContinuousClock.now
        self.init { start.duration(to: .now) }
    }

    /// From now on addresses begin with this.
    package func serve(at base: String?) { state.withLock { $0.base = base } }

    package func issue(_ request: SessionRequest) throws(DomainError) -> String {
        guard let base = state.withLock({ $0.base }) else {
            throw DomainError(.unavailable, "the streaming server does not listen (yet): try again in a moment")
        }
        return "\(base)/\(request.path)/\(try token(for: request))"
    }

    /// The token alone, of 32 hexadecimal digits.
    ///
    /// - Throws: `resourceExhausted` when too many are waiting to be used.
    package func token(for request: SessionRequest) throws(DomainError) -> String {
        let token = Self.newToken()
        let now = now()
        let fits = state.withLock { state in
            state.tickets.removeAll { $0.expiry <= now }
            guard state.tickets.count < Self.limit else { return false }
            state.tickets.append(Ticket(token: token, request: request, expiry: now + Self.lifetime))
            return true
        }
        guard fits else {
            throw DomainError(
                .resourceExhausted,
                "\(Self.limit) sessions were granted and not yet fetched: fetch them, or wait for a minute")
        }
        return Self.text(token)
    }

    /// Uses a token up.
    ///
    /// - Parameter path: `/exec/TOKEN` and the like, whose first part must be that of what was granted.
    /// - Returns: nil for one that is unknown, used, expired or for something else.
    package func redeem(_ path: some StringProtocol) -> SessionRequest? {
        let parts = path.pieces(at: "/", maxPieces: 4)
        guard parts.count == 3, parts[0].isEmpty else { return nil }
        guard let found = redeem(token: parts[2]), found.path.isSame(as: parts[1]) else { return nil }
        return found
    }

    /// Uses a token up.
    ///
    /// - Returns: nil for one that is unknown, used or expired.
    package func redeem(token: some StringProtocol) -> SessionRequest? {
        let token = Array(token.utf8)
        let now = now()
        return state.withLock { state -> SessionRequest? in
            state.tickets.removeAll { $0.expiry <= now }
            // All of them are compared, and each to its end: how long it takes says nothing.
            var place: Int?
            for (index, ticket) in state.tickets.enumerated() where Self.isEqual(ticket.token, token) { place = index }
            return place.map { state.tickets.remove(at: $0).request }
        }
    }

    /// 32 digits.
    private static func newToken() -> [UInt8] {
        // getrandom(2) on Linux.
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef".utf8)
        return (0..<2).flatMap { _ in
            let word = generator.next()
            return stride(from: 0, to: 64, by: 4).map { digits[Int(word >> UInt64($0) & 15)] }
        }
    }

    private static func isEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        var difference: UInt8 = 0
        for index in a.indices { difference |= a[index] ^ b[index] }
        return difference == 0
    }

    private static func text(_ token: [UInt8]) -> String { String(decoding: token, as: UTF8.self) }
}

extension SessionRequest {
    var path: String {
        switch self {
        case .exec: "exec"
        case .attach: "attach"
        case .portForward: "portforward"
        }
    }
}
