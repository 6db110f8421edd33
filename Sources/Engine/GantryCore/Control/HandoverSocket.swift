import CGantry
import Glibc
import JSON

/// A socket that a caller handed down, on which messages come with descriptors (unix(7), SOCK_SEQPACKET: each message as it was sent).
package struct HandoverSocket: Sendable {
    package let descriptor: Int32

    /// Of one message, in bytes.
    package static let longest = 4096

    /// - Throws: `invalid` for a descriptor that is no such socket.
    package init(_ descriptor: Int32) throws(EngineError) {
        var kind: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &kind, &length) == 0,
            kind == Int32(SOCK_SEQPACKET.rawValue)
        else {
            throw EngineError(.invalid, "--session=\(descriptor): must be a Unix socket of the type SOCK_SEQPACKET")
        }
        self.descriptor = descriptor
    }

    /// The next message; nil when the caller is gone.
    /// - Throws: `invalid` for one that makes no sense.
    package func receive() throws(EngineError) -> JSON? {
        var buffer = [UInt8](repeating: 0, count: Self.longest)
        var count = 0
        let got = buffer.withUnsafeMutableBytes { gantry_receive(descriptor, $0.baseAddress, $0.count, nil, &count) }
        guard got > 0 else { return nil }
        do {
            return try JSON(parsing: Array(buffer[..<got]))
        } catch {
            throw EngineError(.invalid, "session: a message is not JSON: \(error)")
        }
    }

    /// - Throws: when the caller is gone.
    package func send(_ message: JSON, _ descriptors: [Int32] = []) throws(EngineError) {
        let bytes = Array(message.serialized().utf8)
        let sent = bytes.withUnsafeBytes {
            gantry_send(descriptor, $0.baseAddress, $0.count, descriptors, descriptors.count)
        }
        guard sent >= 0 else { throw .posix("hand the session to the caller", errno) }
    }
}
