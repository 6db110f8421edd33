import CRI
import Domain
import DomainFakes
import GRPCCore
import Synchronization
import Testing

/// Keeps what was granted, and gives out made-up addresses.
private final class KeptTickets: SessionTickets {
    let requests = Mutex<[SessionRequest]>([])

    func issue(_ request: SessionRequest) throws(DomainError) -> String {
        requests.withLock { $0.append(request) }
        return "http://127.0.0.1:1/kept"
    }
}

@Suite(.timeLimit(.minutes(10))) struct SessionRPCTests {
    private typealias Method = Runtime_V1_RuntimeService.Method

    private func withContainer(
        started: Bool = true,
        _ body: @Sendable @escaping (InProcessCRI, PodID, ContainerID, KeptTickets) async throws -> Void
    ) async throws {
        let (node, tickets) = (FakeNode(), KeptTickets())
        var ports = node.ports
        ports.tickets = tickets
        let useCases = UseCases(ports: ports)
        let pod = try await useCases.runPodSandbox(.fake())
        let container = try await useCases.createContainer(.fake(), in: pod)
        if started { try await useCases.startContainer(container) }
        try await InProcessCRI.serve(useCases) { cri in try await body(cri, pod, container, tickets) }
    }

    private func exec(
        _ cri: InProcessCRI, _ change: (inout Runtime_V1_ExecRequest) -> Void
    ) async throws -> Runtime_V1_ExecResponse {
        try await cri.call(Method.Exec.descriptor, Runtime_V1_ExecRequest.with(change))
    }

    @Test func `an address is given for a command, an attachment and ports, with all that was asked for`() async throws
    {
        try await withContainer { cri, pod, container, tickets in
            let exec = try await exec(cri) {
                $0.containerID = container.rawValue
                $0.cmd = ["sh", "-c", "true"]
                ($0.stdin, $0.stdout, $0.tty) = (true, true, true)
            }
            #expect(exec.url == "http://127.0.0.1:1/kept")
            let attach: Runtime_V1_AttachResponse = try await cri.call(
                Method.Attach.descriptor,
                Runtime_V1_AttachRequest.with {
                    $0.containerID = container.rawValue
                    ($0.stdout, $0.stderr) = (true, true)
                })
            #expect(attach.url == exec.url)
            let forward: Runtime_V1_PortForwardResponse = try await cri.call(
                Method.PortForward.descriptor,
                Runtime_V1_PortForwardRequest.with {
                    $0.podSandboxID = pod.rawValue
                    $0.port = [80, 65535]
                })
            #expect(forward.url == exec.url)
            #expect(
                tickets.requests.withLock { $0 } == [
                    .exec(
                        command: ["sh", "-c", "true"], container: container,
                        streams: SessionStreams(stdin: true, stdout: true, stderr: false, terminal: .sized(nil))),
                    .attach(container: container, streams: SessionStreams(stdin: false, stdout: true, stderr: true)),
                    .portForward(pod: pod, ports: [80, 65535]),
                ])
        }
    }

    @Test func `what makes no sense is refused before an address is given`() async throws {
        try await withContainer { cri, pod, container, tickets in
            func code(_ change: (inout Runtime_V1_ExecRequest) -> Void) async -> RPCError.Code? {
                let error = await #expect(throws: RPCError.self) {
                    _ = try await exec(cri) {
                        $0.containerID = container.rawValue
                        $0.cmd = ["true"]
                        $0.stdout = true
                        change(&$0)
                    }
                }
                return error?.code
            }
            #expect(await code { $0.stdout = false } == .invalidArgument)
            #expect(await code { ($0.tty, $0.stderr) = (true, true) } == .invalidArgument)
            #expect(await code { $0.cmd = [] } == .invalidArgument)
            #expect(await code { $0.cmd = [""] } == .invalidArgument)
            #expect(await code { $0.containerID = String(repeating: "9", count: 64) } == .notFound)
            for port in [0, -1, 65536] as [Int32] {
                let error = await #expect(throws: RPCError.self) {
                    let _: Runtime_V1_PortForwardResponse = try await cri.call(
                        Method.PortForward.descriptor,
                        Runtime_V1_PortForwardRequest.with {
                            $0.podSandboxID = pod.rawValue
                            $0.port = [port]
                        })
                }
                #expect(error?.code == .invalidArgument && error?.message.hasPrefix("port[0]: ") == true)
            }
            #expect(tickets.requests.withLock { $0 }.isEmpty)
        }
    }

    @Test func `a container that does not run, and a pod that is not ready, are neither`() async throws {
        try await withContainer(started: false) { cri, pod, container, tickets in
            let early = await #expect(throws: RPCError.self) {
                _ = try await exec(cri) {
                    $0.containerID = container.rawValue
                    $0.cmd = ["true"]
                    $0.stdout = true
                }
            }
            #expect(early?.code == .failedPrecondition)
            _ = try await cri.call(
                Method.StopPodSandbox.descriptor,
                Runtime_V1_StopPodSandboxRequest.with { $0.podSandboxID = pod.rawValue },
                Runtime_V1_StopPodSandboxResponse.self)
            let forward = await #expect(throws: RPCError.self) {
                let _: Runtime_V1_PortForwardResponse = try await cri.call(
                    Method.PortForward.descriptor,
                    Runtime_V1_PortForwardRequest.with { $0.podSandboxID = pod.rawValue })
            }
            #expect(forward?.code == .failedPrecondition)
        }
    }
}
