import Domain
import DomainFakes
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
