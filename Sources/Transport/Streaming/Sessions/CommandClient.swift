import Domain
import NIOCore

enum OutputStream: Hashable { case stdout, stderr }

/// The client of a command, by whatever protocol; on its event loop.
protocol CommandClient: AnyObject {
    /// Whether more of this stream may be sent. When that changes, the session is told.
    func canTake(_ stream: OutputStream) -> Bool
    func send(_ bytes: ByteBuffer, on stream: OutputStream)
    func flush()
    /// So much of what came for the command's input has gone there.
    func consumed(_ count: Int)
    /// Whether more is read from the client.
    var isReading: Bool { get set }
    /// Ends all streams, the outcome last, and then the connection.
    func finish(_ outcome: SessionOutcome)
}
