import GRPCCore
import NIOCore

/// One message of a request as it was sent.
enum FramedMessage: Hashable, Sendable {
    case plain([UInt8])
    /// To be decompressed by whoever reads it: that may take longer than an event loop has.
    case compressed([UInt8], MessageEncoding, limit: Int)

    /// Roughly the memory it takes while it waits.
    var cost: Int {
        switch self {
        case .plain(let bytes), .compressed(let bytes, _, _): bytes.count + 64
        }
    }

    /// The message itself.
    func bytes() throws(RPCError) -> [UInt8] {
        switch self {
        case .plain(let bytes): bytes
        case .compressed(let bytes, let encoding, let limit): try encoding.decode(bytes, limit: limit)
        }
    }
}

/// Cuts a request's body into its messages: "Length-Prefixed-Message" of gRPC's PROTOCOL-HTTP2.
struct MessageDeframer {
    /// Bytes before each message: the compressed flag and the length.
    static let prefixLength = 5
    private let limit: Int
    private let encoding: MessageEncoding
    private var prefix: [UInt8] = []
    private var body: [UInt8] = []
    private var expected: Int?

    /// - Parameter limit: the largest message in bytes, counted as sent and once more decompressed.
    init(limit: Int, encoding: MessageEncoding) {
        self.limit = limit
        self.encoding = encoding
        self.prefix.reserveCapacity(Self.prefixLength)
    }

    /// What the message that has begun and not ended takes in memory.
    var bufferedBytes: Int { prefix.count + body.capacity }

    /// Whether the body may end here.
    var isBetweenMessages: Bool { prefix.isEmpty }

    /// Takes bytes up to the end of one message; nil when there is none yet and all bytes have been taken.
    mutating func decode(_ bytes: inout ByteBuffer) throws(RPCError) -> FramedMessage? {
        guard let length = try expectedLength(&bytes) else { return nil }
        makeRoom(for: bytes.readableBytes, of: length)
        Self.take(length - body.count, from: &bytes, into: &body)
        guard body.count == length else { return nil }
        let message = body
        let isCompressed = prefix[0] == 1
        prefix.removeAll(keepingCapacity: true)
        body = []
        expected = nil
        return isCompressed ? .compressed(message, encoding, limit: limit) : .plain(message)
    }

    private mutating func expectedLength(_ bytes: inout ByteBuffer) throws(RPCError) -> Int? {
        if let expected { return expected }
        Self.take(Self.prefixLength - prefix.count, from: &bytes, into: &prefix)
        guard prefix.count == Self.prefixLength else { return nil }
        guard prefix[0] <= 1 else {
            throw RPCError(
                code: .internalError, message: "request message has compressed flag \(prefix[0]), not 0 or 1")
        }
        let length = prefix[1...].reduce(0) { $0 << 8 | Int($1) }
        guard length <= limit else {
            throw RPCError(
                code: .resourceExhausted,
                message: "request message of \(length) bytes is larger than the limit of \(limit) bytes"
            )
        }
        expected = length
        return length
    }

    /// Room for what is there, or twice as much as before, and never more than the message needs: its length is only the peer's word.
    private mutating func makeRoom(for arrived: Int, of length: Int) {
        let needed = min(length, body.count + arrived)
        guard needed > body.capacity else { return }
        body.reserveCapacity(min(length, max(needed, body.capacity * 2)))
    }

    /// Nobody wants the message any more.
    mutating func drop() {
        prefix = []
        body = []
    }

    /// Static, as a copy of `self` would share the arrays, and each append would then copy the whole message.
    private static func take(_ count: Int, from bytes: inout ByteBuffer, into target: inout [UInt8]) {
        let available = min(count, bytes.readableBytes)
        guard available > 0 else { return }
        bytes.readWithUnsafeReadableBytes { raw in
            target.append(contentsOf: raw.prefix(available))
            return available
        }
    }
}
