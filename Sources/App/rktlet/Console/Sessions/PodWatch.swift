import Glibc
import JSON

/// Tells when a pod is ready no more, by the gateway's events; restarts of the daemon do not count.
final class PodWatch {
    /// Until a daemon that does not answer is asked again.
    private static let pause = Duration.seconds(1)

    private let client: GatewayClient
    private let pod: String
    private let name: String
    private var stream: CInt = -1
    private var events = ServerSentEvents()
    private var next = ContinuousClock.now

    /// - Parameter name: of the pod, as it was given.
    init(client: GatewayClient, pod: String, name: String) {
        (self.client, self.pod, self.name) = (client, pod, name)
    }

    deinit { hangUp() }

    /// To be polled for input; negative while nobody tells of events.
    var descriptor: CInt { stream }
    /// In milliseconds, as poll(2) takes it: after so long ``advance(isReadable:)`` is to be called in any case.
    var patience: CInt {
        guard stream < 0 else { return -1 }
        return CInt(max(0, ContinuousClock.now.duration(to: next) / .milliseconds(1)).rounded(.up))
    }

    /// - Parameter isReadable: whether something came on ``descriptor``.
    /// - Returns: why there is nothing to be forwarded to any more; nil while there is.
    func advance(isReadable: Bool) -> ConsoleError? {
        do {
            if stream < 0 {
                guard ContinuousClock.now >= next else { return nil }
                next = ContinuousClock.now + Self.pause
                try subscribe()
                // After that: what happened before is seen now, what happens from here on is told.
                return try end()
            }
            guard isReadable, try isToldOf() else { return nil }
            return try end()
        } catch {
            // The daemon restarts, or is too busy.
            hangUp()
            return nil
        }
    }

    private func subscribe() throws {
        stream = try client.connected()
        events = ServerSentEvents()
        try client.ask("/v1/events", accepting: "text/event-stream", on: stream)
        _ = fcntl(stream, F_SETFL, fcntl(stream, F_GETFL) | O_NONBLOCK)
    }

    /// Whether something has happened to the pod, of what there is to read.
    private func isToldOf() throws -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = read(stream, &chunk, chunk.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return false }
        guard count > 0 else { throw ConsoleError("the gateway tells of no events any more", mayPass: true) }
        let told = try events.take(chunk[..<count])
        guard [0, 200].contains(events.status), !events.isAtEnd else {
            throw ConsoleError("the gateway tells of no events", mayPass: true)
        }
        // An event without an object tells of a gap.
        return told.contains { data in
            let object = (try? JSON(parsing: data))?["containerId"]?.stringValue
            return object == nil || object == pod
        }
    }

    /// - Throws: where that cannot be said now.
    private func end() throws -> ConsoleError? {
        do {
            guard try client.get("/v1/pods/\(pod)")["status"]?["state"] != "SANDBOX_READY" else { return nil }
            return ConsoleError("pod \(name) is not ready any more: nothing is forwarded to it from now on")
        } catch let error as ConsoleError where !error.mayPass {
            return ConsoleError("pod \(name) is not there any more: nothing is forwarded to it from now on (\(error))")
        }
    }

    private func hangUp() {
        if stream >= 0 { close(stream) }
        stream = -1
    }
}
