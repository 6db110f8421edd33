import ByteText
import JSON
import NIOHTTP1

/// What a client and this server agree to speak, from the head of its request; or why they do not.
///
/// Host and Origin are not looked at: a kubelet hands on those of its own client. The token alone says who may.
package enum Negotiation: Equatable {
    /// To be answered with 101 and these fields.
    case spdy(SPDYProtocol, HTTPHeaders)
    case channels(ChannelProtocol, HTTPHeaders)
    /// SPDY within the messages of a WebSocket.
    case tunnel(HTTPHeaders)
    case refused(HTTPResponseStatus, String, HTTPHeaders)

    package enum Purpose: Sendable { case command, portForward }

    /// - Parameter endsPorts: whether forwarded ports are served by `v5`, too, in which each direction of a connection has an end of its own. Clients of
    ///   Kubernetes know no such thing.
    package init(_ head: HTTPRequestHead, for purpose: Purpose, endsPorts: Bool = false) {
        let upgrades = head.headers[canonicalForm: "upgrade"]
        guard !upgrades.isEmpty else {
            self = .refused(.badRequest, "the request must ask for an upgrade to SPDY/3.1 or to a WebSocket", [:])
            return
        }
        guard head.headers[canonicalForm: "connection"].contains(where: { $0.isSameIgnoringCase(as: "upgrade") }) else {
            self = .refused(.badRequest, "the header Connection must have Upgrade, too", [:])
            return
        }
        if upgrades.contains(where: { $0.isSameIgnoringCase(as: "websocket") }) {
            self = Self.webSocket(head, purpose, endsPorts)
        } else if upgrades.contains(where: { $0.isSameIgnoringCase(as: "spdy/3.1") }) {
            self = Self.spdy(head, purpose)
        } else {
            self = .refused(
                .badRequest, "the request asks for an upgrade to something else than SPDY/3.1 and a WebSocket", [:])
        }
    }

    private static func spdy(_ head: HTTPRequestHead, _ purpose: Purpose) -> Negotiation {
        let field = "X-Stream-Protocol-Version"
        let offered = names(head.headers[field])
        guard !offered.isEmpty else {
            return .refused(.badRequest, "the header \(field) is missing, or names no protocol", [:])
        }
        let known = SPDYProtocol.allCases.filter { $0.purpose == purpose }
        for name in offered {
            guard let chosen = known.first(where: { $0.rawValue.isSame(as: name) }) else { continue }
            return .spdy(
                chosen,
                [
                    "Connection": "Upgrade", "Upgrade": "SPDY/3.1", "X-Stream-Protocol-Version": chosen.rawValue,
                ])
        }
        return .refused(
            .forbidden, "none of the protocols that are asked for is served here",
            HTTPHeaders(known.map { ("X-Accepted-Stream-Protocol-Versions", $0.rawValue) }))
    }

    private static func webSocket(_ head: HTTPRequestHead, _ purpose: Purpose, _ endsPorts: Bool) -> Negotiation {
        guard head.method == .GET else {
            return .refused(.methodNotAllowed, "a WebSocket begins with GET", ["Allow": "GET"])
        }
        guard head.headers["Sec-WebSocket-Version"].has("13") else {
            return .refused(.badRequest, "the version of WebSockets is 13", ["Sec-WebSocket-Version": "13"])
        }
        let keys = head.headers["Sec-WebSocket-Key"]
        guard keys.count == 1, let key = keys.first, JSONBytes.decode(key)?.count == 16 else {
            return .refused(.badRequest, "the header Sec-WebSocket-Key must be 16 bytes in base64", [:])
        }
        var answer: HTTPHeaders = [
            "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Accept": accept(key),
        ]
        let offered = names(head.headers["Sec-WebSocket-Protocol"])
        for name in offered {
            guard let chosen = named(name, purpose, endsPorts) else { continue }
            answer.add(name: "Sec-WebSocket-Protocol", value: name)
            guard let channels = chosen.channels else { return .tunnel(answer) }
            return .channels(channels, answer)
        }
        if offered.isEmpty { return .channels(.unnamed, answer) }
        return .refused(.forbidden, "none of the subprotocols that are asked for is served here", [:])
    }

    private static let tunnelName = "SPDY/3.1+portforward.k8s.io"

    /// - Returns: `channels` is nil for a tunnel.
    private static func named(
        _ name: String, _ purpose: Purpose, _ endsPorts: Bool
    ) -> (channels: ChannelProtocol?, Void)? {
        if purpose == .portForward {
            if name.isSame(as: tunnelName) { return (nil, ()) }
            if name.isSame(as: SPDYProtocol.portForward.rawValue) { return (.v4, ()) }
        }
        guard !name.isEmpty, let known = ChannelProtocol.allCases.first(where: { $0.rawValue.isSame(as: name) }) else {
            return nil
        }
        if purpose == .portForward && known == .v5 && !endsPorts { return nil }
        return (known, ())
    }

    static func accept(_ key: String) -> String {
        JSONBytes.encode(SHA1.digest(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
    }

    static func names(_ fields: [String]) -> [String] {
        fields.flatMap { $0.pieces(at: ",") }.flatMap { $0.words.prefix(1) }.map(String.init)
    }
}

/// What is spoken over a SPDY session.
package enum SPDYProtocol: String, CaseIterable, Sendable {
    case v4 = "v4.channel.k8s.io"
    case v3 = "v3.channel.k8s.io"
    case v2 = "v2.channel.k8s.io"
    case v1 = "channel.k8s.io"
    case portForward = "portforward.k8s.io"

    var purpose: Negotiation.Purpose { self == .portForward ? .portForward : .command }
    var hasStatus: Bool { self == .v4 }
    var hasResize: Bool { self == .v4 || self == .v3 }
}
