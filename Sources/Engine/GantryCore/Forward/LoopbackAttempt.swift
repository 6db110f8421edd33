import CGantry
import Glibc

/// A connection to a port of the loopback that is being made: IPv4 first, then IPv6.
package struct LoopbackAttempt {
    package enum Step {
        case waits
        /// Non-blocking.
        case connected(Descriptor)
        case failed(EngineError)
    }

    package let port: UInt16
    package let deadline: Int64
    private var socket: Descriptor?
    private var isSecond = false
    private var first: EngineError?

    /// How long both may take together, in nanoseconds: a listener whose backlog is full answers nothing.
    package static let patience: Int64 = 10_000_000_000

    package init(port: UInt16) {
        self.port = port
        deadline = Clock.monotonic() + Self.patience
    }

    /// Becomes writable when there is news.
    package var descriptor: Int32 { socket?.raw ?? -1 }

    package mutating func begin() -> Step {
        var waits = false
        let fd = gantry_connect_loopback(isSecond, port, &waits)
        guard fd >= 0 else { return next(errno) }
        socket = Descriptor(owning: fd)
        return waits ? .waits : done()
    }

    /// When there is news, or the deadline has come.
    package mutating func advance() -> Step {
        guard let socket else { return begin() }
        var polled = pollfd(fd: socket.raw, events: Int16(POLLOUT), revents: 0)
        guard poll(&polled, 1, 0) > 0 else {
            return Clock.monotonic() < deadline ? .waits : .failed(failure(ETIMEDOUT))
        }
        let error = gantry_socket_error(socket.raw)
        return error == 0 ? done() : next(error)
    }

    private mutating func done() -> Step {
        guard let socket else { return .waits }
        self.socket = nil
        return .connected(socket)
    }

    private mutating func next(_ number: Int32) -> Step {
        socket = nil
        // Where there is no IPv6, the first failure says more.
        guard !isSecond else { return .failed(first ?? failure(number)) }
        first = failure(number)
        isSecond = true
        return begin()
    }

    private func failure(_ number: Int32) -> EngineError {
        EngineError(.unavailable, EngineError.posix("port \(port): connect to it in the pod", number).message)
    }
}
