import NIOHTTP1
import Testing

@testable import Streaming

@Suite(.timeLimit(.minutes(10))) struct NegotiationTests {
    @Test func `the answer to a WebSocket's key is that of the specification`() {
        #expect(Negotiation.accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test func `what a request for a WebSocket lacks is named, and nothing that it did not ask for`() {
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/", headers: ["Upgrade": "websocket"])
        #expect(
            Negotiation(head, for: .command)
                == .refused(.badRequest, "the header Connection must have Upgrade, too", [:]))
    }

    @Test("each direction of a port ends by itself for clients of the gateway alone", arguments: [false, true])
    func endsOfPorts(endsPorts: Bool) {
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: "/",
            headers: [
                "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Protocol": "v5.channel.k8s.io, v4.channel.k8s.io",
            ])
        guard case .channels(let codec, _) = Negotiation(head, for: .portForward, endsPorts: endsPorts) else {
            Issue.record("no channels")
            return
        }
        #expect(codec == (endsPorts ? .v5 : .v4))
    }
}
