import Domain
import DomainFakes
import NIOHTTP1
import Synchronization
import Testing

@testable import Streaming

@Suite(.timeLimit(.minutes(10))) struct TicketTests {
    private let request = SessionRequest.portForward(pod: .fake(1), ports: [])

    private final class Time: Sendable {
        let now = Mutex(Duration.zero)
        func pass(_ duration: Duration) { now.withLock { $0 += duration } }
    }

    private func tickets() -> (SingleUseTickets, Time) {
        let time = Time()
        let tickets = SingleUseTickets { time.now.withLock { $0 } }
        tickets.serve(at: "http://127.0.0.1:1")
        return (tickets, time)
    }

    private func path(_ tickets: SingleUseTickets) throws -> String {
        String(try tickets.issue(request).dropFirst("http://127.0.0.1:1".utf8.count))
    }

    @Test func `a guest's ticket is used up by being shown, and by nothing else`() throws {
        let guests = GuestSessions(useCases: FakeNode().useCases())
        let ticket = try guests.ticket(for: request)
        #expect(ticket.wholeMatch(of: /ticket\.rktlet\.[0-9a-f]{32}/) != nil)
        func status(_ offered: String) -> UInt? {
            let head = HTTPRequestHead(
                version: .http1_1, method: .GET, uri: "/", headers: ["Sec-WebSocket-Protocol": offered])
            guard case .failure(let refusal) = guests.upgrade(head) else { return nil }
            return refusal.status.code
        }
        #expect(status("v5.channel.k8s.io") == 401)
        #expect(status("v5.channel.k8s.io, \(ticket), ticket.rktlet.0") == 401, "two are one too many")
        #expect(status("v5.channel.k8s.io, " + ticket) == 400, "it was taken: what is missing now is the upgrade")
        #expect(status("v5.channel.k8s.io, " + ticket) == 401)
    }

    @Test func `a token has 128 bits, is used once, and for nothing else`() throws {
        let (tickets, _) = tickets()
        let (one, two) = (try path(tickets), try path(tickets))
        #expect(one != two)
        #expect(one.wholeMatch(of: /\/portforward\/[0-9a-f]{32}/) != nil)
        #expect(tickets.redeem(one) == request)
        #expect(tickets.redeem(one) == nil)
        #expect(tickets.redeem(two.replacing("portforward", with: "exec")) == nil)
        #expect(tickets.redeem(two) == nil, "presented once, it is used up")
        for path in ["/portforward/", "/portforward", "/", "", "/portforward/x", "//portforward/" + two.suffix(32)] {
            #expect(tickets.redeem(path) == nil)
        }
    }

    @Test func `a token is good for a minute`() throws {
        let (tickets, time) = tickets()
        let (early, late) = (try path(tickets), try path(tickets))
        time.pass(.seconds(59))
        #expect(tickets.redeem(early) == request)
        time.pass(.seconds(1))
        #expect(tickets.redeem(late) == nil)
    }

    @Test func `a thousand may wait, and what has expired makes room`() throws {
        let (tickets, time) = tickets()
        let first = try path(tickets)
        for _ in 1..<1000 { _ = try tickets.issue(request) }
        let full = #expect(throws: DomainError.self) { _ = try tickets.issue(request) }
        #expect(full?.code == .resourceExhausted)
        #expect(tickets.redeem(first) == request)
        _ = try tickets.issue(request)
        time.pass(.seconds(60))
        _ = try tickets.issue(request)
    }

    @Test func `while nobody listens there are none`() {
        let error = #expect(throws: DomainError.self) { _ = try SingleUseTickets().issue(request) }
        #expect(error?.code == .unavailable)
    }
}
