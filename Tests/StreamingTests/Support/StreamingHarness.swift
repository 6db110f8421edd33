import Domain
import DomainFakes
import NIOCore
import Streaming
import Testing

/// A node in memory, with a pod and a container that runs, and a streaming server of its own on loopback.
struct StreamingHarness: Sendable {
    let node: FakeNode
    let useCases: UseCases
    let pod: PodID
    let container: ContainerID
    let port: Int
    let hasTLS: Bool

    static func serve(
        _ change: (inout StreamingServer.Configuration) -> Void = { _ in },
        _ body: @Sendable @escaping (StreamingHarness) async throws -> Void
    ) async throws {
        let (node, tickets) = (FakeNode(), SingleUseTickets())
        var ports = node.ports
        ports.tickets = tickets
        let useCases = UseCases(ports: ports)
        let pod = try await useCases.runPodSandbox(.fake())
        let container = try await useCases.createContainer(.fake(), in: pod)
        try await useCases.startContainer(container)
        var configuration = StreamingServer.Configuration()
        change(&configuration)
        let tls = configuration.tls != nil
        let (addresses, sink) = AsyncStream.makeStream(of: SocketAddress.self)
        let server = StreamingServer(configuration, tickets: tickets, useCases: useCases) { sink.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            for await address in addresses {
                let harness = StreamingHarness(
                    node: node, useCases: useCases, pod: pod, container: container, port: address.port ?? 0,
                    hasTLS: tls)
                try await body(harness)
                break
            }
            group.cancelAll()
        }
    }

    /// The next session that the engine is asked for.
    func nextSession() async throws -> FakeLiveSession {
        for await session in node.live.opened { return session }
        throw CancellationError()
    }

    /// The path of a command's address.
    func exec(_ command: [String], stdin: Bool = false, stderr: Bool = false, tty: Bool = false) throws -> String {
        let streams = SessionStreams(stdin: stdin, stdout: true, stderr: stderr, terminal: tty ? .sized(nil) : .none)
        return try path(useCases.exec.address(command, in: container, streams: streams))
    }

    func attach(stdin: Bool = false) throws -> String {
        try path(
            useCases.attach.address(to: container, streams: SessionStreams(stdin: stdin, stdout: true, stderr: false)))
    }

    func forward(_ ports: [UInt16] = []) throws -> String {
        try path(useCases.portForward.address(into: pod, ports: ports))
    }

    private func path(_ url: String) throws -> String {
        let base = "\(hasTLS ? "https" : "http")://127.0.0.1:\(port)"
        try #require(url.hasPrefix(base + "/"))
        return String(url.dropFirst(base.count))
    }
}
