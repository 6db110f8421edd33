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

    /// Sends `elements` in order. Each write waits until the transport has taken the message, so that one batch at most
    /// is encoded beside those that the client has not read. An empty list sends nothing.
    ///
    /// - Throws: `CancellationError` when the client went away.
    package func send<Element, Item: SwiftProtobuf.Message, Response: Sendable>(
        _ elements: [Element], to writer: RPCWriter<Response>, item: (Element) -> Item, response: ([Item]) -> Response
    ) async throws {
        var batch: [Item] = []
        var size = 0
        for element in elements {
            let next = item(element)
            let nextSize = try next.serializedData().count
            if !batch.isEmpty, size + nextSize > bytes || batch.count >= items {
                try await writer.write(response(batch))
                try Task.checkCancellation()
                batch.removeAll(keepingCapacity: true)
                size = 0
            }
            batch.append(next)
            size += nextSize
        }
        if !batch.isEmpty { try await writer.write(response(batch)) }
    }
}
