import Glibc
import Testing

/// A client of a Unix socket that says in HTTP/2 just what a test wants it to.
final class RawConnection {
    static let settings: UInt8 = 4
    private static let ping: UInt8 = 6

    struct Frame {
        var type: UInt8
        var flags: UInt8
    }

    private let descriptor: CInt

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
        var patience = timeval(tv_sec: 300, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(code == 0)
    }

    deinit { close(descriptor) }

    /// The handshake, until the server has taken this side's settings.
    func greet() throws {
        try send(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + Self.frame(Self.settings, 0, 0, []))
        try #require(skip { $0.type == Self.settings && $0.flags == 1 }, "the connection was closed")
    }

    /// The head of a gRPC request (RFC 7541, literals without an index).
    func call(_ path: String) throws {
        var block: [UInt8] = [0x83, 0x86, 0x04, UInt8(path.utf8.count)] + Array(path.utf8)
        block += [0x01, 1] + Array("x".utf8)
        block += [0x0f, 0x10, 16] + Array("application/grpc".utf8)
        block += [0x00, 2] + Array("te".utf8) + [8] + Array("trailers".utf8)
        try send(Self.frame(1, 4, 1, block))
    }

    /// Whether a PING is answered.
    func isServed() throws -> Bool {
        try send(Self.frame(Self.ping, 0, 0, [UInt8](repeating: 7, count: 8)))
        return skip { $0.type == Self.ping && $0.flags == 1 }
    }

    /// Reads to the end, or for as long as there is patience: false once the server has closed.
    func remains() -> Bool {
        while frame() != nil {}
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, CInt(MSG_DONTWAIT)) < 0 && errno == EAGAIN
    }

    /// The next frame; nil at the end.
    func frame() -> Frame? {
        guard let head = read(9), read(Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])) != nil else { return nil }
        return Frame(type: head[3], flags: head[4])
    }

    private func skip(until isWanted: (Frame) -> Bool) -> Bool {
        while let frame = self.frame() {
            if isWanted(frame) { return true }
        }
        return false
    }

    private func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let size = bytes.withUnsafeMutableBytes { bytes in
                recv(descriptor, bytes.baseAddress.map { $0 + done }, count - done, 0)
            }
            guard size > 0 else { return nil }
            done += size
        }
        return bytes
    }

    private func send(_ bytes: [UInt8]) throws {
        let size = Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL))
        try #require(size == bytes.count, "the connection was closed")
    }

    private static func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [0, UInt8(payload.count >> 8), UInt8(payload.count & 0xff), type, flags, 0, 0, 0, stream] + payload
    }
}
