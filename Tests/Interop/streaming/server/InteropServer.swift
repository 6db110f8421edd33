import Domain
import DomainFakes
import Glibc
import JSON
import Streaming

/// The streaming server, for clients that are not ours. Its first line says that it listens. For each line of JSON that it reads
/// (`{"exec": ["sh"], "stdin": true, …}`, `{"attach": true, …}`, `{"forward": [80]}`) it writes one with the address.
@main struct InteropServer {
    let useCases: UseCases
    let pod: PodID
    let container: ContainerID

    static func main() async throws {
        signal(SIGPIPE, SIG_IGN)
        let tickets = SingleUseTickets()
        var ports = FakeNode().ports
        ports.live = HostSessions()
        ports.tickets = tickets
        let useCases = UseCases(ports: ports)
        let pod = try await useCases.runPodSandbox(.fake())
        let container = try await useCases.createContainer(.fake(), in: pod)
        try await useCases.startContainer(container)
        let server = InteropServer(useCases: useCases, pod: pod, container: container)
        HostSession.onThread {
            while let line = readLine() { say((try? server.address(line)) ?? "refused") }
            exit(0)
        }
        try await StreamingServer(tickets: tickets, useCases: useCases) { say("serving \($0)") }.run()
    }

    private static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(STDOUT_FILENO, bytes, bytes.count)
    }

    private func address(_ line: String) throws -> String {
        let request = try JSON(parsing: line)
        if let forward = request["forward"]?.arrayValue {
            return try useCases.portForward.address(
                into: pod, ports: forward.compactMap { $0.uint64Value.flatMap(UInt16.init(exactly:)) })
        }
        let streams = SessionStreams(
            stdin: request["stdin"]?.boolValue ?? false, stdout: request["stdout"]?.boolValue ?? true,
            stderr: request["stderr"]?.boolValue ?? false,
            terminal: request["tty"]?.boolValue ?? false ? .sized(nil) : .none)
        guard let command = request["exec"]?.arrayValue?.compactMap(\.stringValue) else {
            return try useCases.attach.address(to: container, streams: streams)
        }
        return try useCases.exec.address(command, in: container, streams: streams)
    }
}
