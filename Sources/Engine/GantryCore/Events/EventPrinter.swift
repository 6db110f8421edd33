import Glibc

/// `gantry events`: prints the stream to a descriptor until the reader goes.
package enum EventPrinter {
    /// Where to begin.
    package enum Beginning: Equatable, Sendable {
        case snapshot
        case after(EventPosition)
        /// A position of an older engine: there is no way on from there.
        case gap
    }

    /// Without `follow` it ends once everything there is has been printed. Returns as well when the other end of `output` is closed.
    package static func run(
        store: PodStore, _ beginning: Beginning, follow: Bool, output: Int32
    ) throws(EngineError) {
        let stream = try EventStream(store: store)
        let sink: EventStream.Sink = { (line) throws(EngineError) in try write(line, to: output) }
        switch beginning {
        case .snapshot: try stream.beginWithSnapshot(sink)
        case .after(let position): try stream.begin(after: position, sink)
        case .gap: try stream.beginAfterGap(sink)
        }
        try stream.drain(sink)
        while follow {
            guard try waitForMore(stream, output) else { return }
            try stream.drain(sink)
        }
    }

    /// False when the reader has gone.
    private static func waitForMore(_ stream: EventStream, _ output: Int32) throws(EngineError) -> Bool {
        // Asking for nothing on the output still reports a reader that closed.
        var waits = [
            pollfd(fd: stream.wakeDescriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: output, events: 0, revents: 0),
        ]
        while poll(&waits, nfds_t(waits.count), -1) < 0 {
            guard errno == EINTR else { throw .posix("wait for events", errno) }
        }
        return waits[1].revents & Int16(POLLERR | POLLHUP | POLLNVAL) == 0
    }

    private static func write(_ line: UnsafeRawBufferPointer, to output: Int32) throws(EngineError) {
        var rest = line
        while !rest.isEmpty {
            let put = Glibc.write(output, rest.baseAddress, rest.count)
            if put < 0 {
                if errno == EINTR { continue }
                throw .posix("print events", errno)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[put...])
        }
    }
}
