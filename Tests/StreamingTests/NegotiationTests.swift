import NIOHTTP1
import Testing

@testable import Streaming

@Suite(.timeLimit(.minutes(10))) struct NegotiationTests {
    @Test func `the answer to a WebSocket's key is that of the specification`() {
        #expect(Negotiation.accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }
}
