import CGantry
import Glibc

/// A port of the host's loopback that leads to one of a pod.
package struct LoopbackListener {
    private let socket: Descriptor
    private let isV6: Bool
    package let port: UInt16
    package let remote: UInt16

    private init(_ socket: Descriptor, isV6: Bool, port: UInt16, remote: UInt16) {
        self.socket = socket
        self.isV6 = isV6
        self.port = port
        self.remote = remote
    }

    /// On 127.0.0.1 and, where that can be had, on the same port of ::1.
    package static func both(_ wanted: UInt16, to remote: UInt16) throws(EngineError) -> [LoopbackListener] {
        var port = wanted
        let first = gantry_listen_loopback(false, &port)
        guard first >= 0 else {
            let error = EngineError.posix("listen on 127.0.0.1:\(wanted)", errno)
            throw EngineError(.unavailable, error.message)
        }
        var listeners = [LoopbackListener(Descriptor(owning: first), isV6: false, port: port, remote: remote)]
        let second = gantry_listen_loopback(true, &port)
        if second >= 0 {
            listeners.append(LoopbackListener(Descriptor(owning: second), isV6: true, port: port, remote: remote))
        }
        return listeners
    }

    package var descriptor: Int32 { socket.raw }
    package var address: String { isV6 ? "[::1]:\(port)" : "127.0.0.1:\(port)" }

    /// nil where whoever came has gone again.
    package func accept() -> PortRelay? {
        let client = gantry_accept(socket.raw)
        return client < 0 ? nil : PortRelay(Descriptor(owning: client), port: remote)
    }

    /// Whoever came is hung up on.
    package func refuse() {
        let client = gantry_accept(socket.raw)
        if client >= 0 { Descriptor(owning: client).close() }
    }
}
