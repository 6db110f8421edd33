import ByteText
import CGantry
import Glibc
import JSON

/// Talks to a pod's supervisor: one connection carries one request.
package enum ControlClient {
    /// - Throws: `precondition` where nobody listens: the pod is not ready or its supervisor is gone.
    package static func connect(runDir: String, uuid: PodUUID) throws(EngineError) -> ControlConnection {
        let path = "\(runDir)/engine/\(uuid)"
        let directory = gantry_open_path(path)
        guard directory >= 0 else { throw notRunning(uuid, errno, path) }
        defer { close(directory) }
        let fd = gantry_connect(directory, ControlProtocol.socketName)
        guard fd >= 0 else { throw notRunning(uuid, errno, "\(path)/\(ControlProtocol.socketName)") }
        return ControlConnection(Descriptor(owning: fd), uuid: uuid)
    }

    /// Connects, asks and waits for the one answer.
    /// - Parameter timeout: nanoseconds; nil: as long as it takes.
    /// - Throws: also what the supervisor answered with `ok` false.
    package static func call(
        runDir: String, uuid: PodUUID, request: JSON, descriptors: [Int32] = [], timeout: Int64? = nil
    ) throws(EngineError) -> JSON {
        try negotiating(runDir: runDir, uuid: uuid) { (connection) throws(EngineError) in
            try connection.send(request, descriptors: descriptors)
            return try ControlProtocol.unwrap(connection.receive(timeout: timeout).body)
        }
    }

    /// Runs `body` with a connection that speaks this protocol; with a supervisor that does not, once more with the newest that both do.
    package static func negotiating<Value>(
        runDir: String, uuid: PodUUID, version: Int64 = ControlProtocol.ordinary,
        _ body: (ControlConnection) throws(EngineError) -> Value
    ) throws(EngineError) -> Value {
        let connection = try connect(runDir: runDir, uuid: uuid)
        connection.version = version
        do throws(EngineError) {
            return try body(connection)
        } catch {
            guard error.code == .unsupported else { throw error }
            connection.close()
            let other = try connect(runDir: runDir, uuid: uuid)
            other.version = try common(runDir: runDir, uuid: uuid)
            // What is refused in a protocol that both speak stays refused.
            guard other.version != connection.version else { throw error }
            return try body(other)
        }
    }

    private static func common(runDir: String, uuid: PodUUID) throws(EngineError) -> Int64 {
        let connection = try connect(runDir: runDir, uuid: uuid)
        try connection.send(["op": "ping"])
        let answer = try ControlProtocol.unwrap(connection.receive(timeout: 10_000_000_000).body)
        let lowest = answer["protocol_min"]?.int64Value ?? 1
        let highest = answer["protocol_max"]?.int64Value ?? 1
        guard let version = ControlProtocol.common(with: lowest, highest) else {
            throw EngineError(
                .precondition,
                "pod \(uuid): its supervisor speaks the protocols \(lowest) to \(highest), none of which this engine does"
            )
        }
        return version
    }

    private static func notRunning(_ uuid: PodUUID, _ number: Int32, _ path: String) -> EngineError {
        switch number {
        case ENOENT, ECONNREFUSED:
            EngineError(
                .precondition, "pod \(uuid): is not running (nobody listens on \(path))", isWithoutSupervisor: true)
        default: .posix("connect to pod \(uuid) at \(path)", number)
        }
    }
}

/// One connection to a supervisor. Closing it cancels an exec.
package final class ControlConnection {
    package struct Message {
        package let body: JSON
        package let descriptors: [Descriptor]
    }

    /// The protocol that requests are in.
    package fileprivate(set) var version = ControlProtocol.ordinary
    private let socket: Descriptor
    private let uuid: PodUUID

    init(_ socket: Descriptor, uuid: PodUUID) {
        self.socket = socket
        self.uuid = uuid
    }

    /// To be polled for reading beside others.
    package var fileDescriptor: Int32 { socket.raw }

    package func close() { socket.close() }

    package func send(_ request: JSON, descriptors: [Int32] = []) throws(EngineError) {
        var members = request.objectValue ?? [:]
        if members["protocol"] == nil { members["protocol"] = .integer(version) }
        let frame = ControlProtocol.frame(.object(members))
        guard frame.count - ControlProtocol.headerLength <= ControlProtocol.maximumLength else {
            throw EngineError(.exhausted, "pod \(uuid): the request has more than 16 MiB")
        }
        var done = 0
        while done < frame.count {
            let sent = frame.withUnsafeBytes { bytes in
                gantry_send(
                    socket.raw, bytes.baseAddress?.advanced(by: done), bytes.count - done, descriptors,
                    done == 0 ? descriptors.count : 0)
            }
            guard sent > 0 else { throw failure("send to the supervisor of pod \(uuid)", errno) }
            done += sent
        }
    }

    /// The next message.
    /// - Throws: `deadline` after `timeout` nanoseconds without one, `unavailable` when the supervisor ends without answering.
    package func receive(timeout: Int64? = nil) throws(EngineError) -> Message {
        let deadline = timeout.map { Clock.monotonic().addingSaturating($0) }
        var descriptors: [Descriptor] = []
        let header = try read(ControlProtocol.headerLength, deadline, &descriptors)
        guard let length = ControlProtocol.length(header) else {
            throw EngineError(.internal, "pod \(uuid): its supervisor announced a message of more than 16 MiB")
        }
        let body = try read(length, deadline, &descriptors)
        do {
            return Message(body: try JSON(parsing: body), descriptors: descriptors)
        } catch {
            throw EngineError(.internal, "pod \(uuid): its supervisor answered what is not JSON: \(error)")
        }
    }

    private func read(_ count: Int, _ deadline: Int64?, _ descriptors: inout [Descriptor]) throws(EngineError)
        -> [UInt8]
    {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            try wait(deadline)
            var fds: [Int32] = [-1, -1, -1, -1]
            var fdCount = fds.count
            let got = bytes.withUnsafeMutableBytes { space in
                gantry_receive(socket.raw, space.baseAddress?.advanced(by: done), space.count - done, &fds, &fdCount)
            }
            descriptors += fds.prefix(fdCount).map { Descriptor(owning: $0) }
            if got < 0 { throw failure("read the answer of the supervisor of pod \(uuid)", errno) }
            guard got > 0 else { throw ended }
            done += got
        }
        return bytes
    }

    private var ended: EngineError {
        EngineError(.unavailable, "pod \(uuid): its supervisor ended before it answered", isWithoutSupervisor: true)
    }

    /// A supervisor that went with the request unread resets the connection.
    private func failure(_ doing: String, _ number: Int32) -> EngineError {
        number == ECONNRESET || number == EPIPE ? ended : .posix(doing, number)
    }

    private func wait(_ deadline: Int64?) throws(EngineError) {
        guard let deadline else { return }
        while true {
            let left = deadline - Clock.monotonic()
            guard left > 0 else { throw EngineError(.deadline, "pod \(uuid): no answer from its supervisor in time") }
            var polled = pollfd(fd: socket.raw, events: Int16(POLLIN), revents: 0)
            if poll(&polled, 1, Int32(clamping: left / 1_000_000 + 1)) > 0 { return }
        }
    }
}
