import Domain
import Testing

@testable import CRI

@Suite(.timeLimit(.minutes(10))) struct StatusMappingTests {
    private func pod(_ state: PodSandboxState) throws -> PodSandbox {
        PodSandbox(
            id: try #require(PodID(String(repeating: "a", count: 64))),
            config: try PodSandboxConfig(wire: Requests.pod, runtimeHandler: "h"), state: state,
            createdAt: Timestamp(nanoseconds: 5), ips: ["10.0.0.2", "fd00::2"], unit: "u.service", pid: 7)
    }

    private func container(_ state: ContainerState, exit: ContainerExit? = nil) throws -> Container {
        Container(
            id: try #require(ContainerID(String(repeating: "c", count: 64))),
            podID: try #require(PodID(String(repeating: "a", count: 64))),
            config: try ContainerConfig(wire: Requests.container), imageID: ImageID("sha256:beef"),
            logPath: "/var/log/pods/p/nginx/2.log", state: state, createdAt: Timestamp(nanoseconds: 6), exit: exit,
            user: ContainerUser(uid: 1, gid: 2, supplementalGroups: [3]), stopSignal: .term)
    }

    @Test func `a pod's status says what was asked and what came of it`() throws {
        let status = try pod(.ready).wireStatus
        #expect(status.id == String(repeating: "a", count: 64))
        #expect(status.metadata == Requests.pod.metadata)
        #expect(status.state == .sandboxReady)
        #expect(status.createdAt == 5)
        #expect(status.network.ip == "10.0.0.2")
        #expect(status.network.additionalIps.map(\.ip) == ["fd00::2"])
        #expect(status.linux.namespaces.options.pid == .container)
        #expect(status.labels == Requests.pod.labels)
        #expect(status.annotations == Requests.pod.annotations)
        #expect(status.runtimeHandler == "h")
        #expect(try pod(.ready).diagnostics["info"]?.contains("\"pid\":7") == true)
    }

    @Test(arguments: [PodSandboxState.creating, .notReady, .removed])
    func `every state but ready is not ready`(_ state: PodSandboxState) throws {
        #expect(try pod(state).wireListItem.state == .sandboxNotready)
    }

    @Test func `a created container has no start, no end and no exit`() throws {
        let status = try container(.created).wireStatus
        #expect(status.state == .containerCreated)
        #expect((status.createdAt, status.startedAt, status.finishedAt) == (6, 0, 0))
        #expect(status.reason.isEmpty)
        #expect(status.logPath == "/var/log/pods/p/nginx/2.log")
        #expect(status.stopSignal == .sigterm)
        #expect(status.user.linux.supplementalGroups == [3])
        #expect(status.mounts == Requests.container.mounts)
        #expect(status.resources.linux.memoryLimitInBytes == 1 << 26)
    }

    @Test func `an exited container says how`() throws {
        let exit = ContainerExit(finishedAt: Timestamp(nanoseconds: 9), code: 137, reason: "OOMKilled", message: "m")
        let status = try container(.exited, exit: exit).wireStatus
        #expect(status.state == .containerExited)
        #expect((status.finishedAt, status.exitCode, status.reason, status.message) == (9, 137, "OOMKilled", "m"))
    }

    @Test func `the image's identity is one string everywhere, and its name what the user asked for`() throws {
        let container = try container(.running)
        #expect(container.wireStatus.imageID == "sha256:beef")
        #expect(container.wireStatus.imageRef == "sha256:beef")
        #expect(container.wireListItem.imageID == "sha256:beef")
        #expect(container.wireListItem.imageRef == "sha256:beef")
        #expect(container.wireStatus.image.image == "nginx:1")
        #expect(container.wireListItem.image.image == "nginx:1")
    }

    @Test(arguments: [
        (ContainerState.created, Runtime_V1_ContainerState.containerCreated), (.running, .containerRunning),
        (.exited, .containerExited), (.unknown, .containerUnknown), (.creating, .containerUnknown),
    ])
    func `container states`(_ state: ContainerState, _ wire: Runtime_V1_ContainerState) {
        #expect(state.wire == wire)
    }

    @Test func `an image keeps its user, as a number or as a name`() {
        let named = Image(
            id: ImageID("sha256:1"), repoTags: ["a:1"], repoDigests: ["a@sha256:2"], size: 3, username: "www")
        #expect(named.wire.username == "www")
        #expect(!named.wire.hasUid)
        let root = Image(id: ImageID("sha256:1"), repoTags: [], repoDigests: [], size: 3, uid: 0, pinned: true)
        #expect(root.wire.hasUid)
        #expect(root.wire.pinned)
        #expect((root.wire.id, root.wire.size) == ("sha256:1", 3))
    }

    @Test func `filters arrive field by field`() throws {
        let empty = try PodSandboxFilter(wire: .init())
        #expect(empty == PodSandboxFilter())
        let pods = try PodSandboxFilter(
            wire: .with {
                $0.id = "i"
                $0.state.state = .sandboxNotready
                $0.labelSelector = ["a": "b"]
            })
        #expect((pods.id, pods.state, pods.labels) == ("i", .notReady, ["a": "b"]))
        let containers = try ContainerFilter(
            wire: .with {
                $0.podSandboxID = "p"
                $0.state.state = .containerExited
            })
        #expect((containers.podID, containers.state) == ("p", .exited))
        // A state of zero is a state too.
        #expect(try ContainerFilter(wire: .with { $0.state = .init() }).state == .created)
        #expect(throws: DomainError(.invalidArgument, "filter.state.state: unknown value 8")) {
            try ContainerFilter(wire: .with { $0.state.state = .UNRECOGNIZED(8) })
        }
    }
}
