/// Every use-case, wired to one set of ports and one index: what the transports are given.
///
/// The life of it: ``recover`` before a socket opens, its clean-ups and ``followEngine`` while the daemon serves, ``drain()`` at the end.
package struct UseCases: Sendable {
    package let runPodSandbox: RunPodSandbox
    package let stopPodSandbox: StopPodSandbox
    package let removePodSandbox: RemovePodSandbox
    package let podSandboxStatus: PodSandboxStatus
    package let listPodSandboxes: ListPodSandboxes
    package let podStory: PodStory

    package let createContainer: CreateContainer
    package let startContainer: StartContainer
    package let stopContainer: StopContainer
    package let removeContainer: RemoveContainer
    package let containerStatus: ContainerStatus
    package let listContainers: ListContainers
    package let reopenContainerLog: ReopenContainerLog
    package let checkpointContainer: CheckpointContainer
    package let updateContainerResources: UpdateContainerResources
    package let updatePodSandboxResources: UpdatePodSandboxResources
    package let execSync: ExecSync
    package let exec: Exec
    package let attach: Attach
    package let portForward: PortForward
    package let containerEvents: ContainerEvents
    package let containerLog: ContainerLog
    package let writableLayers: WritableLayers
    package let containerStats: ContainerStats
    package let usageHistory: UsageHistory
    package let podSandboxStats: PodSandboxStats
    package let podSandboxMetrics: PodSandboxMetrics

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

    package let orphans: RemoveOrphan

    /// What the use-cases share; not for transports.
    package let context: Context

    package init(ports: Ports, settings: Settings = Settings()) {
        let context = Context(ports: ports, settings: settings)
        self.context = context
        writableLayers = WritableLayers(context)
        createContainer = CreateContainer(context)
        startContainer = StartContainer(context, layers: writableLayers)
        stopContainer = StopContainer(context, starts: startContainer)
        removeContainer = RemoveContainer(context)
        containerStatus = ContainerStatus(context)
        listContainers = ListContainers(context)
        reopenContainerLog = ReopenContainerLog(context)
        checkpointContainer = CheckpointContainer(context)
        updateContainerResources = UpdateContainerResources(context)
        updatePodSandboxResources = UpdatePodSandboxResources(context)
        execSync = ExecSync(context)
        exec = Exec(context)
        attach = Attach(context)
        portForward = PortForward(context)
        containerEvents = ContainerEvents(context)
        containerLog = ContainerLog(context)
        containerStats = ContainerStats(context, layers: writableLayers)
        usageHistory = UsageHistory(context, stats: containerStats)
        podSandboxStats = PodSandboxStats(context, containers: containerStats)
        podSandboxMetrics = PodSandboxMetrics(context, layers: writableLayers)

        runPodSandbox = RunPodSandbox(context)
        stopPodSandbox = StopPodSandbox(context, creations: createContainer, starts: startContainer)
        removePodSandbox = RemovePodSandbox(context, stop: stopPodSandbox)
        podSandboxStatus = PodSandboxStatus(context)
        listPodSandboxes = ListPodSandboxes(context)
        podStory = PodStory(context)

        listImages = ListImages(context)
        imageStatus = ImageStatus(context)
        pullImage = PullImage(context)
        removeImage = RemoveImage(context)
        imageFsInfo = ImageFsInfo(context)

        runtimeStatus = RuntimeStatus(context)
        runtimeConfig = RuntimeConfig()
        updateRuntimeConfig = UpdateRuntimeConfig(context)
        version = Version(context)

        let orphans = RemoveOrphan(context)
        self.orphans = orphans
        recover = Recover(context, pods: runPodSandbox, stop: stopPodSandbox, orphans: orphans)
        followEngine = FollowEngine(context, orphans: orphans)
    }

    /// How long ago the index was last held against the engine's inventory; nil before the first time.
    package var indexAge: Duration? { context.facts.age }

    /// Has these images pinned from now on.
    package func pin(_ images: PinnedImages) { context.imageCache.pin(images) }

    /// Ends the calls in flight that may last for long: at once the streams of events, the stops of containers, whose graces the engine sees
    /// through, and pulls;
    /// after a while, in which most are done, the making of pods and containers.
    ///
    /// Call it when no new requests are accepted any more, so that those which run can end.
    package func endLongCalls() async {
        context.index.events.close()
        stopContainer.flights.cancel { _ in true }
        pullImage.flights.cancel { _ in true }
        guard (try? await context.ports.clock.sleep(for: .seconds(5))) != nil else { return }
        runPodSandbox.flights.cancel { _ in true }
        createContainer.flights.cancel { _ in true }
    }

    /// Ends what is in flight: pods, containers and pulls being made are cancelled and undone; stops of containers, whose graces may last
    /// for hours, are left to the engine; stops and removals are finished. What an earlier daemon left, and nobody has asked for, is left to
    /// the next one, which finds it where this one has.
    ///
    /// Returns when the last of them has, or when the time for it is over: what is left then, the next daemon finds.
    /// Call it when no transport accepts requests any more.
    ///
    /// - Parameter cleaningUp: ``Recover/cleanUp(_:)`` has not come to its end: what is in flight may be its alone, so that the time is short.
    package func drain(cleaningUp: Bool = false) async {
        let limit = cleaningUp ? context.settings.earlyDrainLimit : context.settings.drainLimit
        let ended = Latch()
        let work = Task {
            await endFlights()
            ended.open()
        }
        let timer = Task {
            guard (try? await context.ports.clock.sleep(for: limit)) != nil else { return }
            context.ports.diagnostics.warning("not everything that was in flight has ended in time", [:])
            ended.open()
        }
        _ = await ended.wait()
        timer.cancel()
        work.cancel()
        context.index.events.close()
    }

    private func endFlights() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await runPodSandbox.flights.drain(cancelling: true, askedFor: true) }
            group.addTask { await createContainer.flights.drain(cancelling: true) }
            group.addTask { await pullImage.flights.drain(cancelling: true) }
            group.addTask { await stopContainer.flights.drain(cancelling: true) }
            group.addTask { await startContainer.flights.drain(cancelling: false) }
            group.addTask { await removeContainer.flights.drain(cancelling: false) }
            group.addTask { await removePodSandbox.flights.drain(cancelling: false) }
            group.addTask { await stopPodSandbox.flights.drain(cancelling: false) }
            group.addTask { await removeImage.flights.drain(cancelling: false) }
        }
    }
}

extension UseCases {
    /// The values a daemon's configuration may set.
    package struct Settings: Sendable {
        /// This daemon's version, as clients see it.
        package var runtimeVersion = "0.1.0"
        /// How long one step of an undo may take: no less than systemd takes for a unit that answers to no signal.
        package var undoBudget: Duration = .seconds(270)
        /// How long the caller of what failed waits for the undo.
        package var undoPatience: Duration = .seconds(30)
        /// How long the engine's own news of a pod that is ready is waited for before the engine is asked.
        package var newsWait: Duration = .milliseconds(20)
        /// How long a call goes on for a retry when its caller's deadline has passed.
        package var lingering: Duration = .seconds(30)
        /// How long what is in flight may take to end when the daemon does.
        package var drainLimit: Duration = .seconds(30)
        /// The same while what an earlier daemon left is still cleaned up.
        package var earlyDrainLimit: Duration = .seconds(2)
        /// How long a stop of a pod waits for an operation that holds the pod before it goes on regardless.
        package var lockWait: Duration = .seconds(10)
        /// How often the index is checked against the engine's inventory.
        package var checkInterval: Duration = .seconds(60)
        /// How many engine calls one stop, removal or recovery makes at a time.
        package var parallelism = 8
        /// How many container events a subscriber may be behind.
        package var eventBuffer = 1024
        /// The images that are pinned at first; ``UseCases/pin(_:)`` has others later.
        package var pinnedImages = PinnedImages()
        package init() {}
    }
}
