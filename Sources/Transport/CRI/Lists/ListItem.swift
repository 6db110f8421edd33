import Domain
import SwiftProtobuf

/// What lists are made of.
protocol ListItem: Sendable {
    associatedtype ID: Hashable & Sendable
    associatedtype Wire: SwiftProtobuf.Message
    var id: ID { get }
    /// As lists show it.
    var wireListItem: Wire { get }
    /// Whether lists show the other one in the very same way. It may say no when they do.
    func looks(like other: Self) -> Bool
}

extension Container: ListItem {
    func looks(like other: Container) -> Bool {
        state == other.state && createdAt == other.createdAt && id == other.id && podID == other.podID
            && imageID == other.imageID && config == other.config
    }
}

extension PodSandbox: ListItem {
    func looks(like other: PodSandbox) -> Bool {
        state == other.state && createdAt == other.createdAt && id == other.id && config == other.config
    }
}

extension Image: ListItem {
    var wireListItem: Runtime_V1_Image { wire }
    func looks(like other: Image) -> Bool { self == other }
}

extension ListItem {
    /// Field 1, length-delimited: where each of the list messages has its items, repeated (a test holds them to it).
    private static var tag: UInt8 { 1 << 3 | 2 }

    /// The item as it stands in the list's message. Such pieces one after the other are the whole message.
    func encoded() throws -> [UInt8] {
        var bytes: [UInt8] = []
        try encode(to: &bytes)
        return bytes
    }

    fileprivate func encode(to bytes: inout [UInt8]) throws {
        let body: [UInt8] = try wireListItem.serializedBytes()
        if bytes.isEmpty { bytes.reserveCapacity(body.count + 6) }
        bytes.append(Self.tag)
        var length = body.count
        while length > 0x7f {
            bytes.append(UInt8(truncatingIfNeeded: length) | 0x80)
            length >>= 7
        }
        bytes.append(UInt8(length))
        bytes.append(contentsOf: body)
    }
}

extension EncodedMessage {
    /// A list's whole message, put together item by item.
    init(items: [some ListItem]) throws {
        var bytes: [UInt8] = []
        for item in items { try item.encode(to: &bytes) }
        self.init(bytes: bytes)
    }
}
