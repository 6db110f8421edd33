import ByteText
import Domain
import NIOCore
import NIOHTTP1

/// Sessions whose clients come by the door of another server, which judges them by rules of its own; they have their tickets from there, too, and none of
/// them opens anything at the streaming server.
///
/// A ticket is shown as one of the subprotocols that the client offers, `ticket.rktlet.` and its digits: that is the one place of a WebSocket's request where a
/// browser lets a page write, and that no log has.
package struct GuestSessions: Sendable {
    package typealias Refusal = SessionUpgrade.Refusal
    private typealias Job = @Sendable () async -> Void

    package static let ticketPrefix = "ticket.rktlet."

    private let tickets = SingleUseTickets()
    private let services: SessionServices
    private let jobs: AsyncStream<Job>

    package init(useCases: UseCases) {
        let (jobs, sink) = AsyncStream.makeStream(of: Job.self)
        self.jobs = jobs
        services = SessionServices(useCases: useCases, times: SessionServices.Times()) { sink.yield($0) }
    }

    /// Until it is cancelled: then all sessions end, each with the reason. Once.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for await job in jobs { group.addTask { await job() } }
            group.cancelAll()
        }
    }

    /// What a client has to show, once and within a minute.
    ///
    /// - Throws: `resourceExhausted` when too many are waiting to be used.
    package func ticket(for request: SessionRequest) throws(DomainError) -> String {
        Self.ticketPrefix + (try tickets.token(for: request))
    }

    /// Uses up the ticket that the request shows.
    package func upgrade(_ head: HTTPRequestHead) -> Result<SessionUpgrade, Refusal> {
        let offered = Negotiation.names(head.headers["Sec-WebSocket-Protocol"])
        let shown = offered.compactMap { $0.without(prefix: Self.ticketPrefix) }
        guard shown.count == 1, let token = shown.first else {
            return refusal("Sec-WebSocket-Protocol must have one ticket beside the protocol: POST for one")
        }
        guard let request = tickets.redeem(token: token) else {
            return refusal("the ticket is unknown, was used already, or has expired: POST for another")
        }
        return SessionUpgrade.agree(head, on: request, services, endsPorts: true)
    }

    private func refusal(_ why: String) -> Result<SessionUpgrade, Refusal> {
        .failure(Refusal(status: .unauthorized, why: why, headers: [:]))
    }
}
