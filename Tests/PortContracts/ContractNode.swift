import Domain

/// The ports of one node under test, with requests that it can serve.
package struct ContractNode: Sendable {
    package var launcher: any PodLauncher
    package var engine: any PodEngine
    package var live: any LiveSessions
    package var ids: any IDs
    package var clock: any WallClock
    /// An image that is there, whose containers can run what the requests below say.
    package var image: Image
    /// A pod of this name.
    package var pod: @Sendable (String) -> PodSandboxConfig
    /// A container that runs until it is stopped; SIGTERM ends it within the grace, once it is ready.
    package var container: @Sendable (String) -> ContainerConfig
    /// Returns when such a container, which runs, does with a signal what it is to do.
    package var ready: @Sendable (ContainerID, PodID) async throws -> Void
    /// A container whose command cannot be started.
    package var unstartable: ContainerConfig
    /// Makes the main process of such a container end by itself.
    package var end: @Sendable (ContainerID, PodID, Int32) async throws -> Void

    package init(
        launcher: any PodLauncher, engine: any PodEngine, live: any LiveSessions, ids: any IDs, clock: any WallClock,
        image: Image,
        pod: @escaping @Sendable (String) -> PodSandboxConfig,
        container: @escaping @Sendable (String) -> ContainerConfig,
        ready: @escaping @Sendable (ContainerID, PodID) async throws -> Void,
        unstartable: ContainerConfig, end: @escaping @Sendable (ContainerID, PodID, Int32) async throws -> Void
    ) {
        self.launcher = launcher
        self.engine = engine
        self.live = live
        self.ids = ids
        self.clock = clock
        self.image = image
        self.pod = pod
        self.container = container
        self.ready = ready
        self.unstartable = unstartable
        self.end = end
    }

    /// Runs `body` with a pod that is ready; afterwards nothing of it is left, whatever happened.
    func withPod(_ body: (PodID, PodSandboxConfig) async throws -> Void) async throws {
        let id = ids.newPodID()
        let config = pod("contract-\(id.rawValue.suffix(8))")
        var failure: (any Error)?
        do {
            try await launcher.launch(id, config: config)
            try await body(id, config)
        } catch {
            failure = error
        }
        try await remove(id)
        if let failure { throw failure }
    }

    func remove(_ id: PodID) async throws {
        try await launcher.stop(id)
        try await engine.finish(id)
        try await engine.remove(id)
    }

    func request(_ config: ContainerConfig, in pod: PodID) -> NewContainer {
        NewContainer(
            id: ids.newContainerID(), podID: pod, config: config, image: image, logPath: "", createdAt: clock.now())
    }

    func record(_ id: ContainerID, of pod: PodID) async throws -> Container? {
        try await engine.record(of: pod)?.containers.first { $0.id == id }
    }
}
