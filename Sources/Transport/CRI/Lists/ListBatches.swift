import GRPCCore
import SwiftProtobuf

/// Cuts a list into messages that are small enough to be sent one after the other.
package struct ListBatches: Hashable, Sendable {
    /// Bytes of encoded items after which a message is full; one that is larger by itself goes alone.
    package var bytes: Int
    /// Items after which a message is full.
    package var items: Int

    package init(bytes: Int = 1 << 20, items: Int = 1_000) {
        self.bytes = bytes
        self.items = items
    }

    /// Sends pieces of a message in order, each of which is one item. Every write waits until the transport has taken the
    /// message, so that one batch at most is held beside those that the client has not read. An empty list sends nothing.
    ///
    /// - Throws: `CancellationError` when the client went away.
    package func send(_ pieces: [[UInt8]], to writer: RPCWriter<EncodedMessage>) async throws {
        try await send(pieces, to: writer, size: \.count) { batch in
            EncodedMessage(bytes: Array(batch.joined()))
        }
    }

    /// The same for messages that the transport encodes.
    package func send<Element, Item: SwiftProtobuf.Message, Response: Sendable>(
        _ elements: [Element], to writer: RPCWriter<Response>, item: (Element) -> Item, response: ([Item]) -> Response
    ) async throws {
        try await send(elements.map(item), to: writer, size: Self.encodedSize, response: response)
    }

    private func send<Item, Response: Sendable>(
        _ items: [Item], to writer: RPCWriter<Response>, size: (Item) throws -> Int, response: ([Item]) -> Response
    ) async throws {
        var batch: [Item] = []
        var total = 0
        for item in items {
            let next = try size(item)
            if !batch.isEmpty, total + next > bytes || batch.count >= self.items {
                try await writer.write(response(batch))
                try Task.checkCancellation()
                batch.removeAll(keepingCapacity: true)
                total = 0
            }
            batch.append(item)
            total += next
        }
        if !batch.isEmpty { try await writer.write(response(batch)) }
    }

    private static func encodedSize(_ item: some SwiftProtobuf.Message) throws -> Int {
        try item.serializedData().count
    }
}
