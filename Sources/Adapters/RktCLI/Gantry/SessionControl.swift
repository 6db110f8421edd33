import Domain
import Glibc
import JSON
import Synchronization

/// A connection to a pod's supervisor that was handed over: one message comes when the session has ended; closing it ends the session
/// (docs/engine.md, *Sessions*).
final class SessionControl: Sendable {
    /// What of the message is there.
    private let bytes = Mutex<[UInt8]>([])
    private let socket: Mutex<WatchedSocket?>
    private let object: String

    /// Of the message, in bytes.
    private static let longest = 64 << 10

    /// - Parameters:
    ///   - descriptor: owned from now on.
    ///   - completion: called once, when the message has come or cannot come any more; not after ``close()``.
    init(
        _ descriptor: Int32, about object: String,
        _ completion: @escaping @Sendable (Result<Int32, DomainError>) -> Void
    ) {
        self.object = object
        socket = Mutex(nil)
        let watched = WatchedSocket(owning: descriptor) { [weak self] in
            guard let self, let outcome = self.advance() else { return }
            self.close()
            completion(outcome)
        }
        socket.withLock { $0 = watched }
        watched.activate()
    }

    func close() {
        let watched = socket.withLock { socket in
            defer { socket = nil }
            return socket
        }
        watched?.close()
    }

    /// What came; nil while it is not whole.
    private func advance() -> Result<Int32, DomainError>? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let watched = socket.withLock { $0 }
        guard let (got, number) = watched?.use({ (read($0, &buffer, buffer.count), errno) }) else { return nil }
        if got < 0, number == EAGAIN || number == EINTR { return nil }
        guard got > 0 else {
            return .failure(DomainError(.unavailable, "\(object): the supervisor of its pod is gone, and the session"))
        }
        return bytes.withLock { bytes in
            bytes += buffer[..<got]
            guard bytes.count >= 4 else { return nil }
            let length = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            guard length <= Self.longest else { return .failure(misunderstood("\(length) bytes")) }
            guard bytes.count >= 4 + length else { return nil }
            return outcome(Array(bytes[4..<(4 + length)]))
        }
    }

    private func outcome(_ bytes: [UInt8]) -> Result<Int32, DomainError> {
        guard let answer = try? JSON(parsing: bytes) else { return .failure(misunderstood("what is not JSON")) }
        if answer["ok"]?.boolValue == true {
            guard let code = answer["exit_code"]?.int64Value, let code = Int32(exactly: code) else {
                return .failure(misunderstood("no exit code"))
            }
            return .success(code)
        }
        let code = answer["error"]?["code"]?.stringValue.flatMap(GantryCall.code) ?? .internal
        let message = answer["error"]?["message"]?.stringValue ?? "the session failed"
        return .failure(DomainError(code, EngineWords.told(message, about: object)))
    }

    private func misunderstood(_ what: String) -> DomainError {
        DomainError(.internal, "\(object): the supervisor of its pod answered \(what) at the end of a session")
    }
}
