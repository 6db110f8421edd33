/// The fields of an encoded protobuf message that have a length (strings, messages, entries of maps), in their order; what is malformed ends
/// them, and is the decoder's to refuse (protobuf.dev, "Encoding").
struct WireFields: Sequence, IteratorProtocol {
    private var rest: Slice<UnsafeRawBufferPointer>

    init(_ message: UnsafeRawBufferPointer) { rest = message[...] }

    mutating func next() -> (number: UInt64, bytes: UnsafeRawBufferPointer)? {
        while let tag = varint() {
            switch tag & 7 {
            case 0: guard varint() != nil else { return nil }
            case 1: guard drop(8) != nil else { return nil }
            case 2:
                guard let length = varint(), let size = Int(exactly: length), let bytes = drop(size) else { return nil }
                return (tag >> 3, bytes)
            case 5: guard drop(4) != nil else { return nil }
            default: return nil
            }
        }
        return nil
    }

    private mutating func drop(_ count: Int) -> UnsafeRawBufferPointer? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return UnsafeRawBufferPointer(rebasing: rest.prefix(count))
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }
}
