/// The fields of an encoded protobuf message that have a length (strings, messages, entries of maps), in their order; what is malformed ends
/// them, and is the decoder's to refuse (protobuf.dev, "Encoding").
struct WireFields: Sequence, IteratorProtocol {
    private var rest: Slice<UnsafeRawBufferPointer>

    init(_ message: UnsafeRawBufferPointer) { rest = message[...] }

    mutating func next() -> (number: UInt64, bytes: UnsafeRawBufferPointer)? {
        while let tag = rest.popVarint() {
            switch tag & 7 {
            case 0: guard rest.popVarint() != nil else { return nil }
            case 1: guard rest.drop(8) != nil else { return nil }
            case 2:
                guard let length = rest.popVarint(), let size = Int(exactly: length), let bytes = rest.drop(size) else {
                    return nil
                }
                return (tag >> 3, bytes)
            case 5: guard rest.drop(4) != nil else { return nil }
            default: return nil
            }
        }
        return nil
    }
}

extension Slice<UnsafeRawBufferPointer> {
    /// Takes the next bytes; nil, taking nothing, when there are fewer.
    mutating func drop(_ size: Int) -> UnsafeRawBufferPointer? {
        guard size <= count else { return nil }
        defer { self = dropFirst(size) }
        return UnsafeRawBufferPointer(rebasing: prefix(size))
    }

    /// Takes a number of up to ten bytes; nil when it does not end.
    mutating func popVarint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = popFirst() else { return nil }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }
}
