/// Every use-case, wired to one set of ports and one index: what the transports are given.
///
/// The life of it: ``recover`` before a socket opens, ``followEngine`` for as long as the daemon serves, ``drain()`` at the end.
package struct UseCases: Sendable {
    package let runPodSandbox: RunPodSandbox
    package let stopPodSandbox: StopPodSandbox
    package let removePodSandbox: RemovePodSandbox
    package let podSandboxStatus: PodSandboxStatus
    package let listPodSandboxes: ListPodSandboxes

    package let createContainer: CreateContainer
    package let startContainer: StartContainer
    package let stopContainer: StopContainer
    package let removeContainer: RemoveContainer
    package let containerStatus: ContainerStatus
    package let listContainers: ListContainers
    package let execSync: ExecSync
    package let containerEvents: ContainerEvents
    package let containerLog: ContainerLog
    package let containerStats: ContainerStats

    package let listImages: ListImages
    package let imageStatus: ImageStatus
    package let pullImage: PullImage
    package let removeImage: RemoveImage
    package let imageFsInfo: ImageFsInfo

    package let runtimeStatus: RuntimeStatus
    package let runtimeConfig: RuntimeConfig
    package let updateRuntimeConfig: UpdateRuntimeConfig
    package let version: Version

    package let recover: Recover
    package let followEngine: FollowEngine

    /// What the use-cases share; not for transports.
    package let context: Context

    package init(ports: Ports, settings: Settings = Settings()) {
        let context = Context(ports: ports, settings: settings)
        self.context = context
        createContainer = CreateContainer(context)
        startContainer = StartContainer(context)
        stopContainer = StopContainer(context)
        removeContainer = RemoveContainer(context)
        containerStatus = ContainerStatus(context)
        listContainers = ListContainers(context)
        execSync = ExecSync(context)
        containerEvents = ContainerEvents(context)
        containerLog = ContainerLog(context)
        containerStats = ContainerStats(context)

        runPodSandbox = RunPodSandbox(context)
        stopPodSandbox = StopPodSandbox(context, creations: createContainer, starts: startContainer)
        removePodSandbox = RemovePodSandbox(context, stop: stopPodSandbox)
        podSandboxStatus = PodSandboxStatus(context)
        listPodSandboxes = ListPodSandboxes(context)

        listImages = ListImages(context)
        imageStatus = ImageStatus(context)
        pullImage = PullImage(context)
        removeImage = RemoveImage(context)
        imageFsInfo = ImageFsInfo(context)

        runtimeStatus = RuntimeStatus(context)
        runtimeConfig = RuntimeConfig()
        updateRuntimeConfig = UpdateRuntimeConfig(context)
        version = Version(context)

        recover = Recover(context)
        followEngine = FollowEngine(context)
    }

    /// How long ago the index was last held against the engine's inventory; nil before the first time.
    package var indexAge: Duration? { context.facts.age }

    /// Ends what is in flight: pods, containers and pulls being made are cancelled and undone; stops and removals are finished.
    /// Returns when the last of them has. Call it when no transport accepts requests any more.
    package func drain() async {
        await runPodSandbox.flights.drain(cancelling: true)
        await createContainer.flights.drain(cancelling: true)
        await pullImage.flights.drain(cancelling: true)
        await startContainer.flights.drain(cancelling: false)
        await stopContainer.flights.drain(cancelling: false)
        await removeContainer.flights.drain(cancelling: false)
        await removePodSandbox.flights.drain(cancelling: false)
        await stopPodSandbox.flights.drain(cancelling: false)
        await removeImage.flights.drain(cancelling: false)
        context.index.events.close()
    }
}

extension UseCases {
    /// The values a daemon's configuration may set.
    package struct Settings: Sendable {
        /// This daemon's version, as clients see it.
        package var runtimeVersion = "0.1.0"
        /// The runtime handlers a pod may name. The empty one is the default; `default` is its name for RuntimeClass objects. All of them
        /// run the same way: there is one engine.
        package var runtimeHandlers = ["", "default"]
        /// How long one step of an undo may take.
        package var undoBudget: Duration = .seconds(120)
        /// How long a stop of a pod waits for an operation that holds the pod before it goes on regardless.
        package var lockWait: Duration = .seconds(10)
        /// How often the index is checked against the engine's inventory.
        package var checkInterval: Duration = .seconds(60)
        /// How many engine calls one stop, removal or recovery makes at a time.
        package var parallelism = 8
        /// How many container events a subscriber may be behind.
        package var eventBuffer = 1024
        package init() {}
    }
}
