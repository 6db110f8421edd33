import HTTPTypes
import Hummingbird
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import Testing

@testable import Gateway

/// Whoever comes in numbers locks nobody else out.
@Suite(.timeLimit(.minutes(10))) struct PlacesTests {
    private let access = AccessPolicy.loopback(token: "0123456789abcdef")

    private func connected(_ connections: Connections) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handler: Doorkeeper(access: access, connections: connections))
        try channel.connect(to: try SocketAddress(unixDomainSocketPath: "/x")).wait()
        connections.add(channel)
        return channel
    }

    private func ask(_ channel: EmbeddedChannel, token: String = "0123456789abcdef") throws {
        try channel.writeInbound(
            HTTPRequestPart.head(
                HTTPRequest(
                    method: .get, scheme: "http", authority: "localhost", path: "/v1/pods",
                    headerFields: [.authorization: "Bearer " + token])))
    }

    @Test func `a stranger too many takes the oldest stranger's place, and no guest's`() throws {
        let connections = Connections(limits: .init(strangers: 3, guests: 2))
        let guests = try (0..<2).map { _ in try connected(connections) }
        for guest in guests { try ask(guest) }
        let strangers = try (0..<5).map { _ in try connected(connections) }
        try ask(strangers[4], token: "wrong")
        #expect(strangers.map(\.isActive) == [false, false, true, true, true])
        #expect(guests.map(\.isActive) == [true, true])
        #expect(guests.allSatisfy { connections.client(of: $0).isAdmitted })
        #expect(!connections.client(of: strangers[4]).isAdmitted)
        #expect(connections.client(of: strangers[0]).isGone)
    }

    @Test func `a guest too many takes the place of the one that is idle longest, and none of one at work`() throws {
        let connections = Connections(limits: .init(strangers: 4, guests: 2))
        let (busy, idle, third, fourth) = (
            try connected(connections), try connected(connections), try connected(connections),
            try connected(connections)
        )
        for guest in [busy, idle] { try ask(guest) }
        connections.begin(busy)
        connections.begin(idle)
        connections.end(idle)
        try ask(third)
        #expect([busy, idle, third].map(\.isActive) == [true, false, true])
        connections.begin(third)
        try ask(fourth)
        #expect(!connections.client(of: fourth).isAdmitted)
        #expect([busy, third, fourth].map(\.isActive) == [true, true, true])
        connections.end(busy)
        try ask(fourth)
        #expect(connections.client(of: fourth).isAdmitted && !busy.isActive)
    }

    @Test func `who has shown no token in time is cut off, who has is not`() throws {
        let connections = Connections(limits: .init(strangersStay: .seconds(10)))
        let (guest, stranger) = (try connected(connections), try connected(connections))
        try ask(guest)
        for channel in [guest, stranger] { channel.embeddedEventLoop.advanceTime(by: .seconds(9)) }
        #expect([guest, stranger].map(\.isActive) == [true, true])
        for channel in [guest, stranger] { channel.embeddedEventLoop.advanceTime(by: .seconds(2)) }
        #expect([guest, stranger].map(\.isActive) == [true, false])
    }

    @Test func `streams end at their own number, and asking goes on`() async throws {
        try await GatewayHarness.run { gateway in
            var open: [Response] = []
            for _ in 0..<256 { open.append(try await gateway.begin(.get, "/v1/events")) }
            #expect(open.allSatisfy { $0.status == .ok })
            let more = try await gateway.ask(.get, "/v1/events")
            #expect((more.status, more.code, more.headers[.retryAfter]) == (503, "tooManyStreams", "5"))
            #expect(try await gateway.ask(.get, "/v1/pods").status == 200)
            let container = try await gateway.container(in: try await gateway.pod())
            #expect(try await gateway.begin(.get, "/v1/containers/\(container)/logs").status == .ok)
            open.removeLast()
            open.append(try await gateway.begin(.get, "/v1/events"))
            #expect(open.last?.status == .ok)
        }
    }

    @Test(arguments: ["http://evil.example/v1/pods", "http://localhost/v1/pods", "evil.example:443", "*"])
    func `a target with a host reaches nobody as a path`(target: String) throws {
        let channel = EmbeddedChannel(handler: TargetForm())
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target)
        head.headers.add(name: "Host", value: "localhost")
        try channel.writeInbound(HTTPServerRequestPart.head(head))
        guard case .head(let seen)? = try channel.readInbound(as: HTTPServerRequestPart.self) else {
            Issue.record("no head")
            return
        }
        #expect(throws: Problem.self) { try RequestTarget.check(seen.uri) }
    }
}
