import CGantry
import Glibc

/// Owns one file descriptor and closes it once.
package final class Descriptor {
    package private(set) var raw: Int32

    package init(owning raw: Int32) { self.raw = raw }

    /// - Parameter raw: the result of a system call: negative means that it failed and `errno` says why.
    package convenience init(_ raw: Int32, _ doing: @autoclosure () -> String) throws(EngineError) {
        guard raw >= 0 else { throw .posix(doing(), errno) }
        self.init(owning: raw)
    }

    deinit { close() }

    package func close() {
        guard raw >= 0 else { return }
        Glibc.close(raw)
        raw = -1
    }

    /// From now on no call on it waits.
    package func makeNonblocking() { _ = gantry_nonblocking(raw) }

    /// Gives the descriptor away; the caller closes it.
    package func take() -> Int32 {
        defer { raw = -1 }
        return raw
    }
}

/// The two ends of a pipe, both close-on-exec.
package struct Pipe {
    package let reader: Descriptor
    package let writer: Descriptor

    package init() throws(EngineError) {
        var ends: [Int32] = [-1, -1]
        guard gantry_pipe(&ends) == 0 else { throw .posix("make a pipe", errno) }
        reader = Descriptor(owning: ends[0])
        writer = Descriptor(owning: ends[1])
    }
}
