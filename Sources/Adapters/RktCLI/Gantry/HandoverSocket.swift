import CLinux
import Domain
import Glibc
import JSON

/// Where the engine hands descriptors over: our end of a pair of sockets, of which it has the other.
final class HandoverSocket: Sendable {
    /// A message, and what came with it; whoever has it owns the descriptors.
    struct Message: Sendable {
        var body: JSON
        var descriptors: [Int32]
    }

    let ours: Int32
    /// For the engine.
    let theirs: Int32
    private let object: String

    /// Of one message, in bytes.
    private static let longest = 4096

    init(about object: String) throws(DomainError) {
        self.object = object
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            let cause = String(cString: strerror(errno))
            throw DomainError(.resourceExhausted, "\(object): no socket for a session: \(cause)")
        }
        (ours, theirs) = (ends[0], ends[1])
    }

    // What is still in it is closed by the kernel, and what that was for ends.
    deinit {
        close(ours)
        close(theirs)
    }

    /// The message that is there.
    /// - Throws: `internal` where there is none, or one that is not understood.
    func receive() throws(DomainError) -> Message {
        guard let message = try Self.receive(ours, about: object) else {
            throw DomainError(.internal, "\(object): the engine handed no session over")
        }
        return message
    }

    /// Without waiting. Nil: nothing is there yet; an empty body: the other side is gone.
    static func receive(_ socket: Int32, about object: String) throws(DomainError) -> Message? {
        var buffer = [UInt8](repeating: 0, count: longest)
        var descriptors: [Int32] = [-1, -1, -1, -1]
        var count = descriptors.count
        let got = rktlet_receive(socket, &buffer, buffer.count, &descriptors, &count)
        guard got >= 0 else {
            if errno == EAGAIN { return nil }
            throw DomainError(.internal, "\(object): the engine's session: \(String(cString: strerror(errno)))")
        }
        let received = Array(descriptors.prefix(count))
        guard got > 0 else { return Message(body: .null, descriptors: received) }
        do throws(JSONError) {
            return Message(body: try JSON(parsing: Array(buffer[..<got])), descriptors: received)
        } catch {
            for descriptor in received { close(descriptor) }
            throw DomainError(.internal, "\(object): the engine's session did not come as JSON: \(error)")
        }
    }
}
