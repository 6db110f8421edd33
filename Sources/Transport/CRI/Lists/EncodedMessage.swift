import GRPCCore

/// A response message that is encoded already. Copies share the bytes.
package struct EncodedMessage: Hashable, Sendable {
    package let bytes: [UInt8]
}

/// Hands encoded messages on as they are: without a copy to a transport whose bytes are arrays, as ours is.
struct EncodedMessageSerializer: MessageSerializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: EncodedMessage) throws -> Bytes {
        if let bytes = message.bytes as? Bytes { return bytes }
        return Bytes(message.bytes)
    }
}
