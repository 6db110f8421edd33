import Domain
import Glibc

/// What the engine promises about sessions.
package enum LiveSessionContract {
    private static let all = SessionStreams(stdin: true, stdout: true, stderr: true)

    package static let cases: [ContractCase] = [
        ContractCase("a command's output comes, then its end, then its code") { node in
            try await withSession(node, ["echo", "hello"], all) { session in
                try expect(try SessionBytes.all(session.ends.output) == Array("hello\n".utf8), "output")
                try expect(try SessionBytes.all(session.ends.errors).isEmpty, "no errors")
                try expect(try await session.outcome() == 0, "code")
                try expect(try await session.outcome() == 0, "the code stays")
            }
            try await withSession(node, ["sh", "-c", "exit 7"], all) { session in
                try expect(try await session.outcome() == 7, "code")
            }
        },
        ContractCase("a session has the streams that were asked for, non-blocking and close-on-exec") { node in
            let wanted = SessionStreams(stdin: true, stdout: true, stderr: false)
            try await withSession(node, ["sleep", "1000"], wanted) { session in
                try expect(session.ends.errors == nil, "no errors")
                for end in [session.ends.input, session.ends.output] {
                    guard let end else { throw ContractViolation("a stream is missing") }
                    try expect(fcntl(end, F_GETFL) & O_NONBLOCK != 0, "non-blocking")
                    try expect(fcntl(end, F_GETFD) & FD_CLOEXEC != 0, "close-on-exec")
                }
            }
        },
        ContractCase("the end of the input reaches the command, which goes on") { node in
            try await withSession(node, ["cat"], all) { session in
                guard let input = session.ends.input else { throw ContractViolation("no input") }
                let writer = dup(input)
                try SessionBytes.write("some input", to: writer)
                close(writer)
                shutDown(input)
                try expect(try SessionBytes.all(session.ends.output) == Array("some input".utf8), "output")
                try expect(try await session.outcome() == 0, "code")
            }
        },
        ContractCase("a terminal has its size, takes another, and ends with the command") { node in
            let size = TerminalSize(columns: 101, rows: 31)
            let wanted = SessionStreams(stdin: true, stdout: true, stderr: false, terminal: .sized(size))
            try await withSession(node, ["echo", "hello"], wanted) { session in
                try expect(session.ends.errors == nil, "one output")
                try expect(session.ends.input != session.ends.output, "two descriptors")
                session.resize(to: TerminalSize(columns: 80, rows: 24))
                try expect(try SessionBytes.all(session.ends.output) == Array("hello\r\n".utf8), "output")
                try expect(try await session.outcome() == 0, "code")
                session.resize(to: size)
            }
            try await withSession(node, ["sleep", "1000"], wanted) { session in
                var window = winsize()
                try expect(
                    ioctl(session.ends.output ?? -1, UInt(TIOCGWINSZ), &window) == 0 && window.ws_col == 101
                        && window.ws_row == 31, "size \(window)")
            }
        },
        ContractCase("a cancelled session is over, and its command dead") { node in
            try await withSession(node, ["sleep", "1000"], all) { session in
                session.cancel()
                session.cancel()
                try expect(try await session.outcome() == 137, "code")
                try expect(try SessionBytes.all(session.ends.output).isEmpty, "the output's end")
            }
        },
        ContractCase("who waits no longer leaves the session as it is") { node in
            try await withSession(node, ["cat"], all) { session in
                let wait = Task { () async -> DomainError.Code? in
                    do throws(DomainError) {
                        _ = try await session.outcome()
                        return nil
                    } catch { return error.code }
                }
                wait.cancel()
                try expect(await wait.value == .cancelled, "the wait is cancelled")
                try SessionBytes.write("on it goes", to: session.ends.input)
                if let input = session.ends.input { shutDown(input) }
                try expect(try SessionBytes.all(session.ends.output) == Array("on it goes".utf8), "output")
            }
        },
        ContractCase("a command that cannot be started, and a container that does not run, are refused") { node in
            try await node.withPod { pod, _ in
                let id = try await ContainerContract.running(node, pod)
                try await expectError(.invalidArgument, "a command that is not there") {
                    _ = try await node.live.exec(["/does/not/exist"], in: id, of: pod, streams: all)
                }
                try await expectError(.notFound, "a container that is not there") {
                    _ = try await node.live.exec(["true"], in: node.ids.newContainerID(), of: pod, streams: all)
                }
                let created = try await node.engine.addContainer(node.request(node.container("created"), in: pod))
                try await expectError(.failedPrecondition, "a container that was never started") {
                    _ = try await node.live.exec(["true"], in: created.id, of: pod, streams: all)
                }
            }
        },
        ContractCase("who leaves a container that they attached to leaves it running") { node in
            try await node.withPod { pod, _ in
                let id = try await ContainerContract.running(node, pod)
                let wanted = SessionStreams(stdin: true, stdout: true, stderr: true)
                let first = try await node.live.attach(to: id, of: pod, streams: wanted)
                let second = try await node.live.attach(to: id, of: pod, streams: wanted)
                for session in [first, second] {
                    try expect(session.ends.output != nil && session.ends.errors != nil, "its streams")
                    session.cancel()
                    try expect(try await session.outcome() == 0, "code")
                    for end in [session.ends.input, session.ends.output, session.ends.errors] {
                        if let end { close(end) }
                    }
                }
                try expect(try await node.record(id, of: pod)?.state == .running, "it runs")
                try await expectError(.notFound, "a container that is not there") {
                    _ = try await node.live.attach(to: node.ids.newContainerID(), of: pod, streams: wanted)
                }
                let created = try await node.engine.addContainer(node.request(node.container("created"), in: pod))
                try await expectError(.failedPrecondition, "a container that was never started") {
                    _ = try await node.live.attach(to: created.id, of: pod, streams: wanted)
                }
            }
        },
        ContractCase("a refused port is an answer, and the next is asked for all the same, until it is closed") {
            node in
            try await node.withPod { pod, _ in
                let forwarding = try await node.live.forward(into: pod)
                for _ in 0..<3 {
                    try await expectError(.unavailable, "nobody listens") {
                        _ = try await forwarding.connect(to: 7999)
                    }
                }
                forwarding.close()
                forwarding.close()
                try await expectError(.cancelled, "it is closed") { _ = try await forwarding.connect(to: 7999) }
            }
        },
        ContractCase("there is no way into a pod that is not there, or does not run") { node in
            try await expectError(.notFound, "a pod that never was") {
                _ = try await node.live.forward(into: node.ids.newPodID())
            }
            try await node.withPod { pod, _ in
                try await node.launcher.stop(pod)
                try await node.engine.finish(pod)
                try await expectError(.failedPrecondition, "a pod that has ended") {
                    _ = try await node.live.forward(into: pod)
                }
            }
        },
    ]

    /// Runs `body` with a command in a container that runs; afterwards its ends are closed.
    private static func withSession(
        _ node: ContractNode, _ command: [String], _ streams: SessionStreams,
        _ body: (any LiveSession) async throws -> Void
    ) async throws {
        try await node.withPod { pod, _ in
            let id = try await ContainerContract.running(node, pod)
            let session = try await node.live.exec(command, in: id, of: pod, streams: streams)
            defer {
                session.cancel()
                for end in [session.ends.input, session.ends.output, session.ends.errors] {
                    if let end { close(end) }
                }
            }
            try await body(session)
        }
    }

    /// Ends the input without giving its number free: the session's own close comes at the end.
    private static func shutDown(_ descriptor: Int32) {
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        dup2(null, descriptor)
        close(null)
    }
}
