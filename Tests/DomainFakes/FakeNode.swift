import Domain

/// A whole node in memory: every port, one set of failpoints, and use-cases on top.
package struct FakeNode: Sendable {
    package let failpoints: Failpoints
    package let wallClock: FakeWallClock
    package let clock: ManualClock
    package let engine: FakeEngine
    package let launcher: FakeLauncher
    package let images: FakeImageStore
    package let exec: FakeExecSessions
    package let live: FakeLiveSessions
    package let network: FakeNetwork
    package let logs: FakeLogs
    package let usage: FakeUsage
    package let layers: FakeLayers
    package let diagnostics: FakeDiagnostics
    package let ids: FakeIDs
    package let history: FakeHistory

    /// A node that has busybox.
    package init() {
        failpoints = Failpoints()
        wallClock = FakeWallClock()
        clock = ManualClock()
        engine = FakeEngine(clock: wallClock, failpoints: failpoints)
        launcher = FakeLauncher(engine: engine, failpoints: failpoints)
        images = FakeImageStore(failpoints: failpoints)
        exec = FakeExecSessions(failpoints: failpoints)
        live = FakeLiveSessions(engine: engine, failpoints: failpoints)
        network = FakeNetwork(failpoints: failpoints)
        logs = FakeLogs()
        usage = FakeUsage()
        layers = FakeLayers()
        diagnostics = FakeDiagnostics()
        ids = FakeIDs()
        history = FakeHistory()
        images.add(.busybox)
    }

    package var ports: Ports {
        Ports(
            launcher: launcher, engine: engine, images: images, exec: exec, live: live, network: network,
            logs: logs, usage: usage, layers: layers, wallClock: wallClock,
            ids: ids, diagnostics: diagnostics, history: history, clock: clock)
    }

    /// New use-cases on this node: what a daemon is after its start, before it recovers.
    package func useCases(_ settings: UseCases.Settings = UseCases.Settings()) -> UseCases {
        UseCases(ports: ports, settings: settings)
    }

    /// Everything that takes room on the node, in words; empty when nothing is left.
    package var leftovers: [String] {
        launcher.running.map { "unit of pod \($0)" }
            + engine.records.values.flatMap { record in
                ["record of pod \(record.pod.id)"] + record.containers.map { "container \($0.id)" }
            }
    }
}

extension Image {
    package static let busybox = Image(
        id: ImageID("sha256:" + String(repeating: "b", count: 64)), repoTags: ["docker.io/library/busybox:latest"],
        repoDigests: ["docker.io/library/busybox@sha256:" + String(repeating: "d", count: 64)], size: 4_000_000)
}

extension PodSandboxConfig {
    /// A pod of this name, otherwise plain.
    package static func fake(_ name: String = "web", attempt: UInt32 = 0) -> PodSandboxConfig {
        var config = PodSandboxConfig(
            metadata: PodSandboxMetadata(name: name, uid: "uid-\(name)", namespace: "default", attempt: attempt))
        config.logDirectory = "/var/log/pods/\(name)"
        config.labels = ["app": name]
        return config
    }
}

extension ContainerConfig {
    /// A container of busybox of this name, otherwise plain.
    package static func fake(_ name: String = "main", attempt: UInt32 = 0, image: String = "busybox") -> ContainerConfig
    {
        var config = ContainerConfig(
            metadata: ContainerMetadata(name: name, attempt: attempt), image: ImageSpec(image: image))
        config.logPath = "\(name)/\(attempt).log"
        config.labels = ["container": name]
        return config
    }
}
