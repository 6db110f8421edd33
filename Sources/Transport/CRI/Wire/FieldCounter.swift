import SwiftProtobuf

/// Counts the fields of an encoded message: each field, each element of a list and each entry of a map counts one, those of messages within
/// it too. An empty element takes two bytes on the wire and hundreds in memory, so that the size of a request says little of what it costs.
///
/// It is a decoder that builds nothing: the generated code tells which fields are messages, whatever the request is, and each is
/// walked where it lies. Time grows with the bytes up to the limit, memory with the depth alone.
struct FieldCounter: Decoder {
    /// More than that is nothing that the proto's messages do; foreign messages might.
    private static let deepest = 100

    private(set) var count = 0
    private let limit: Int
    private let depth: Int
    private var rest: Slice<UnsafeRawBufferPointer>
    /// What the field at hand holds: nothing but for those with a length.
    private var payload = UnsafeRawBufferPointer(start: nil, count: 0)

    private init(_ message: UnsafeRawBufferPointer, count: Int, limit: Int, depth: Int) {
        self.count = count
        self.limit = limit
        self.depth = depth
        rest = message[...]
    }

    /// Whether an encoded message has more fields than `limit`. What is malformed ends the count of what holds it, and is the decoder's to
    /// refuse: it stops there, too.
    static func exceeds<M: Message>(_ limit: Int, _ type: M.Type, _ bytes: UnsafeRawBufferPointer) throws -> Bool {
        var counter = FieldCounter(bytes, count: 0, limit: limit, depth: 0)
        try counter.walk(type)
        return counter.count > limit
    }

    private mutating func walk<M: Message>(_ type: M.Type) throws {
        var scratch = M()
        try scratch.decodeMessage(decoder: &self)
    }

    /// The fields of a message that the field at hand holds.
    private mutating func countInner<M: Message>(_ type: M.Type, in bytes: UnsafeRawBufferPointer) throws {
        guard depth < Self.deepest, !bytes.isEmpty else { return }
        var inner = FieldCounter(bytes, count: count, limit: limit, depth: depth + 1)
        try inner.walk(type)
        count = inner.count
    }

    // MARK: The wire

    /// The next field; nil at the end, at what is malformed, and when there are too many.
    mutating func nextFieldNumber() -> Int? {
        while count <= limit, let tag = rest.popVarint() {
            count += 1
            payload = UnsafeRawBufferPointer(start: nil, count: 0)
            switch tag & 7 {
            case 0: guard rest.popVarint() != nil else { return nil }
            case 1: guard rest.drop(8) != nil else { return nil }
            case 2:
                guard let length = rest.popVarint(), let size = Int(exactly: length), let bytes = rest.drop(size) else {
                    return nil
                }
                payload = bytes
            // The brackets of a group, which no field of today is: what is between them is counted as if they were not there.
            case 3, 4: continue
            case 5: guard rest.drop(4) != nil else { return nil }
            default: return nil
            }
            guard let number = Int(exactly: tag >> 3) else { return nil }
            return number
        }
        return nil
    }

    mutating func countPackedVarints() {
        for byte in payload where byte < 0x80 { count += 1 }
    }

    mutating func countPacked(size: Int) { count += payload.count / size }

    // MARK: Messages

    mutating func decodeSingularMessageField<M: Message>(value: inout M?) throws {
        try countInner(M.self, in: payload)
    }

    mutating func decodeRepeatedMessageField<M: Message>(value: inout [M]) throws {
        try countInner(M.self, in: payload)
    }

    mutating func decodeSingularGroupField<G: Message>(value: inout G?) {}
    mutating func decodeRepeatedGroupField<G: Message>(value: inout [G]) {}

    mutating func decodeMapField<KeyType, ValueType: MapValueType>(
        fieldType: _ProtobufMap<KeyType, ValueType>.Type, value: inout _ProtobufMap<KeyType, ValueType>.BaseType
    ) {}

    mutating func decodeMapField<KeyType, ValueType>(
        fieldType: _ProtobufEnumMap<KeyType, ValueType>.Type, value: inout _ProtobufEnumMap<KeyType, ValueType>.BaseType
    ) where ValueType.RawValue == Int {}

    /// The second field of an entry is its value.
    mutating func decodeMapField<KeyType, ValueType>(
        fieldType: _ProtobufMessageMap<KeyType, ValueType>.Type,
        value: inout _ProtobufMessageMap<KeyType, ValueType>.BaseType
    ) throws {
        for (number, bytes) in WireFields(payload) where number == 2 { try countInner(ValueType.self, in: bytes) }
    }

    // MARK: What proto3 does not have

    mutating func handleConflictingOneOf() {}

    mutating func decodeExtensionField(
        values: inout ExtensionFieldValueSet, messageType: any Message.Type, fieldNumber: Int
    ) {}
}
