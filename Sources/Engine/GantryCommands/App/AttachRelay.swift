import GantryCore
import Glibc
import JSON

/// Carries the streams of an app to and from this process's own, until the app ends or this process does.
struct AttachRelay {
    private let streams: [String: Descriptor]

    init(_ streams: [String: Descriptor]) {
        self.streams = streams
    }

    func run(_ connection: ControlConnection) throws(EngineError) {
        let terminal = streams["terminal"]
        let own = terminal == nil ? nil : OwnTerminal()
        defer { own?.restore() }
        var outputs = [("stdout", Int32(1)), ("stderr", 2)].compactMap { name, target in
            streams[name].map { (source: $0, target: target) }
        }
        var input = streams["stdin"].map { InputRelay(to: $0) }
        while true {
            if let terminal { own?.copySize(to: terminal.raw) }
            var polled = outputs.map { pollfd(fd: $0.source.raw, events: Int16(POLLIN), revents: 0) }
            polled.append(input?.wanted ?? pollfd(fd: -1, events: 0, revents: 0))
            polled.append(pollfd(fd: connection.fileDescriptor, events: Int16(POLLIN), revents: 0))
            // SIGWINCH interrupts the wait; one that came just before it is seen a second later.
            guard poll(&polled, nfds_t(polled.count), own == nil ? -1 : 1000) >= 0 || errno == EINTR else {
                throw .posix("waiting for the app", errno)
            }
            let end = polled.count - 1
            if polled[end - 1].revents != 0 { input?.advance() }
            // What it still has written comes before its end.
            let open = outputs
            outputs = zip(open, polled).filter { output, polled in
                polled.revents == 0 || ExecRelay.copy(from: output.source.raw, to: output.target)
            }.map(\.0)
            guard polled[end].revents != 0, polled.prefix(open.count).allSatisfy({ $0.revents == 0 }) || outputs.isEmpty
            else { continue }
            _ = try ControlProtocol.unwrap(connection.receive().body)
            return
        }
    }
}
