import Glibc

/// A session's WebSocket (RFC 6455), the client's side: messages to and from channels, on a descriptor that its owner polls.
final class SessionSocket {
    /// Of what is sent, so much may wait for the gateway.
    private static let outgoingLimit = 256 << 10
    /// The gateway passes on what it reads at once: no message of its is near that.
    private static let longestFrame = 16 << 20
    /// `v5.channel.k8s.io`: the channel whose number follows has ended.
    private static let end: UInt8 = 255

    enum Event: Equatable {
        case data(channel: UInt8, ArraySlice<UInt8>)
        case ended(channel: UInt8)
    }

    let descriptor: CInt
    private var outgoing: [UInt8] = []
    private var sent = 0
    private var incoming: [UInt8] = []
    /// The gateway has closed it, or the connection broke.
    private(set) var isOver = false

    /// - Parameters:
    ///   - descriptor: taken over.
    ///   - early: what came behind the answer to the handshake.
    init(_ descriptor: CInt, early: [UInt8] = []) {
        self.descriptor = descriptor
        incoming = early
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    deinit { close(descriptor) }

    var mustSend: Bool { sent < outgoing.count }
    /// Nothing more is to be sent for the moment.
    var isFull: Bool { outgoing.count - sent >= Self.outgoingLimit }
    /// Something came with the handshake already, which no poll tells of.
    var hasEarly: Bool { !incoming.isEmpty }

    func send(_ bytes: some Collection<UInt8>, on channel: UInt8) { frame(2, CollectionOfOne(channel), bytes) }

    func sendEnd(of channel: UInt8) { frame(2, CollectionOfOne(Self.end), CollectionOfOne(channel)) }

    /// Sends what the gateway takes now.
    func flush() {
        while !isOver, sent < outgoing.count {
            let count = outgoing.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, $0.count - sent, CInt(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { break }
            // What the gateway has said before it went is still read.
            guard count > 0 else { return (outgoing, sent) = ([], 0) }
            sent += count
        }
        if sent == outgoing.count { (outgoing, sent) = ([], 0) }
    }

    /// Reads what there is.
    ///
    /// - Throws: ``ConsoleError`` for what is no WebSocket.
    func receive() throws -> [Event] {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &chunk, chunk.count)
        if count > 0 {
            incoming += chunk[..<count]
        } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
            isOver = true
        }
        return try events()
    }

    private func events() throws -> [Event] {
        var events: [Event] = []
        var rest = incoming[...]
        while let (opcode, content) = try Self.frame(&rest) {
            switch opcode {
            case 1, 2:
                guard let channel = content.first else { continue }
                if channel == Self.end {
                    if let ended = content.dropFirst().first { events.append(.ended(channel: ended)) }
                } else {
                    events.append(.data(channel: channel, content.dropFirst()))
                }
            case 8:
                frame(8, content.prefix(2), EmptyCollection())
                flush()
                isOver = true
                incoming = []
                return events
            case 9: frame(10, content, EmptyCollection())
            default: break
            }
        }
        incoming = Array(rest)
        return events
    }

    /// One that is whole, taken from the beginning of `bytes`.
    private static func frame(
        _ bytes: inout ArraySlice<UInt8>
    ) throws -> (opcode: UInt8, content: ArraySlice<UInt8>)? {
        guard bytes.count >= 2 else { return nil }
        let (first, second) = (bytes[bytes.startIndex], bytes[bytes.startIndex + 1])
        // A server masks nothing, and this one sends each message as one frame.
        guard first & 0xF0 == 0x80, first & 0xF != 0, second & 0x80 == 0 else {
            throw ConsoleError("what answers is no gateway: a bad frame")
        }
        let digits = second == 126 ? 2 : second == 127 ? 8 : 0
        guard bytes.count >= 2 + digits else { return nil }
        let start = bytes.startIndex + 2
        let length = bytes[start..<start + digits].reduce(digits == 0 ? UInt64(second) : 0) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(longestFrame) else { throw ConsoleError("what answers is no gateway: a frame too long") }
        guard bytes.count >= 2 + digits + Int(length) else { return nil }
        let content = bytes[(start + digits)..<(start + digits + Int(length))]
        bytes = bytes[content.endIndex...]
        return (first & 0xF, content)
    }

    private func frame(_ opcode: UInt8, _ head: some Collection<UInt8>, _ tail: some Collection<UInt8>) {
        let length = head.count + tail.count
        if sent > Self.outgoingLimit {
            outgoing.removeFirst(sent)
            sent = 0
        }
        outgoing.append(0x80 | opcode)
        switch length {
        case ..<126: outgoing.append(0x80 | UInt8(length))
        case ..<65_536: outgoing += [0xFE, UInt8(length >> 8), UInt8(length & 0xFF)]
        default:
            outgoing.append(0xFF)
            for shift in stride(from: 56, through: 0, by: -8) {
                outgoing.append(UInt8(truncatingIfNeeded: length >> shift))
            }
        }
        let mask = withUnsafeBytes(of: UInt32.random(in: 0...UInt32.max)) { Array($0) }
        outgoing += mask
        let start = outgoing.count
        outgoing += head
        outgoing += tail
        outgoing.withUnsafeMutableBufferPointer { bytes in
            for index in start..<bytes.count { bytes[index] ^= mask[(index - start) & 3] }
        }
    }
}
