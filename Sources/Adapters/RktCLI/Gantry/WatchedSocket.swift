import Dispatch
import Glibc
import Synchronization

/// A socket of its own that tells when there is something to read: on one queue for all of them, where nothing may wait.
final class WatchedSocket: Sendable {
    private let descriptor: Int32
    /// Safe: made, activated and cancelled once, which a source allows from any thread.
    nonisolated(unsafe) private let source: any DispatchSourceRead
    private let isClosed = Mutex(false)

    private static let queue = DispatchQueue(label: "rktlet.sessions")

    /// - Parameters:
    ///   - descriptor: owned from now on.
    ///   - readable: called as long as there is something, or the other side is gone; not after ``close()``.
    init(owning descriptor: Int32, _ readable: @escaping @Sendable () -> Void) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: Self.queue)
        source.setCancelHandler { Glibc.close(descriptor) }
        source.setEventHandler(handler: readable)
    }

    deinit {
        // One that was never activated is not let go of.
        source.activate()
        close()
    }

    /// From now on it tells.
    func activate() { source.activate() }

    /// The other side sees it at once. May be called more than once.
    func close() {
        let isFirst = isClosed.withLock { isClosed in
            defer { isClosed = true }
            if !isClosed { shutdown(descriptor, Int32(SHUT_RDWR)) }
            return !isClosed
        }
        if isFirst { source.cancel() }
    }

    /// Nil once it is closed.
    func use<Value>(_ body: (Int32) -> Value) -> Value? {
        isClosed.withLock { $0 ? nil : body(descriptor) }
    }
}
