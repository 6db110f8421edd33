import CRI
import CallRecords
import Cgroups
import Domain
import GRPCCore
import GRPCTransport
import Gateway
import Glibc
import HostFacts
import JournalLog
import LogFiles
import Logging
import Measures
import RktCLI
import ServiceLifecycle
import Streaming
import Systemd
import SystemdRun
import UnixSignals

/// The composition root: which adapter stands behind which port, and the order in which things start and end.
///
/// Started in this order, ended in the reverse: the bus, the index, the CRI's socket, the watchdog.
package struct DaemonProcess: Sendable {
    /// What it began with.
    private let settings: Settings
    /// What may have changed since.
    private let live: LiveSettings
    private let environment: [String: String]
    private let reread: @Sendable () throws(SettingsError) -> Settings

    /// - Parameters:
    ///   - environment: of this process; sockets that systemd passed on are taken from it.
    ///   - reread: reads the settings from where these came from.
    package init(
        settings: Settings, environment: [String: String],
        reread: @escaping @Sendable () throws(SettingsError) -> Settings
    ) {
        self.settings = settings
        live = LiveSettings(settings)
        self.environment = environment
        self.reread = reread
    }

    /// Serves until SIGTERM or SIGINT.
    package func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        // Inherited as ignored it would leave no child to wait for.
        signal(SIGCHLD, SIG_DFL)
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let activated = try SocketActivation.take(environment: environment)
        let logLevel = SharedLogLevel(settings.logLevel)
        LoggingSystem.bootstrap { LogBackend.handler(label: $0, level: logLevel) }
        let logger = Logger(label: "rktlet")
        _ = try SingleDaemon(dataDir: settings.dataDir, units: LauncherSettings().unitPrefix)
        if activated.isEmpty, SingleDaemon.answers(on: settings.socketPath) {
            throw StartError("somebody answers on \(settings.socketPath) already: another CRI runtime?")
        }
        if !activated.isEmpty {
            logger.notice(
                "the socket that systemd passed on is served, and no other",
                metadata: ["listen": "\(settings.socketPath)"])
        }
        let armor = await Self.loadedAppArmor(logger: logger)
        let bus = SystemdBus()
        let counters = Counters()
        let network = networkStatus
        let tickets = SingleUseTickets()
        let moves = CgroupMoves()
        let engine = engine(bus: bus, network: network, moves: moves, logger: logger)
        let useCases = UseCases(
            ports: try ports(
                engine: engine, bus: bus, counters: counters, armor: armor, network: network, tickets: tickets,
                moves: moves, logger: logger),
            settings: useCaseSettings)
        let recorder = CallRecorder(
            podOf: { ContainerID($0).flatMap { useCases.podStory.pod(of: $0) }?.rawValue },
            ended: CallLog(logger: logger).ended)
        let gate = StartupGate()
        let (drain, isReady) = (Flag(), Flag())
        let (recovered, gatewayListens) = (Latch(), Latch())
        let transport = try transport(activated: activated, logger: logger)
        let server = GRPCServer(
            transport: transport, services: CRIEndpoint.services(useCases),
            interceptors: CRIEndpoint.interceptors(
                observer: counters.rpcs, recorder: recorder, gate: gate,
                isShuttingDown: { drain.isRaised }))
        var services: [any Service] = [
            BusService(bus: bus),
            IndexService(
                useCases: useCases, gate: gate, recovered: recovered, refusal: { engine.refusal }, logger: logger),
            GRPCService(
                server: server, transport: transport, drain: drain, isReady: isReady, isActivated: !activated.isEmpty,
                recovered: recovered, gatewayListens: gatewayListens,
                notifier: Notifier(), logger: logger, endLongCalls: useCases.endLongCalls),
        ]
        let certificates = try settings.streamingTLS.map { try Self.certificates($0, logger: logger) }
        services.append(
            StreamingService(
                streamingServer(useCases: useCases, tickets: tickets, certificates: certificates, logger: logger)))
        if settings.gateway.all.isEmpty {
            gatewayListens.open()
        } else {
            services.append(
                try gatewayService(
                    useCases: useCases, gate: gate, counters: counters, recorder: recorder, listens: gatewayListens,
                    logger: logger))
        }
        services.append(LayerService(layers: useCases.writableLayers))
        if !settings.gateway.all.isEmpty { services.append(HistoryService(history: useCases.usageHistory)) }
        services.append(MemoryService(logger: logger))
        let watch = DirectoriesWatch()
        services.append(
            NetworkService(
                network: network, directories: { [live] in [live.current.cniConfDir] + live.current.cniBinDirs },
                watch: watch, logger: logger))
        services.append(
            ReloadService(
                signals: hangups, settings: live, read: reread, isReady: isReady, notifier: Notifier(), logger: logger
            ) { settings in
                logLevel.set(settings.logLevel)
                useCases.pin(settings.pinnedImages)
                watch?.nudge()
                _ = certificates?.current()
            })
        if let interval = Notifier.watchdogInterval {
            services.append(WatchdogService(notifier: Notifier(), interval: interval))
        }
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
            logger: lifecycleLogger)
        // What hangs longer than this is cancelled; the unit's own TimeoutStopSec= is above it.
        configuration.maximumGracefulShutdownDuration = .seconds(45)
        try await ServiceGroup(configuration: configuration).run()
    }

    /// Its records hold whole services in words; only what goes wrong is worth that.
    private var lifecycleLogger: Logger {
        var logger = Logger(label: "rktlet.lifecycle")
        logger.logLevel = .warning
        return logger
    }

    private var useCaseSettings: UseCases.Settings {
        var settings = UseCases.Settings()
        settings.runtimeVersion = ProjectVersion.current
        settings.pinnedImages = self.settings.pinnedImages
        return settings
    }

    private func gatewayService(
        useCases: UseCases, gate: StartupGate, counters: Counters, recorder: CallRecorder,
        listens: Latch, logger: Logger
    ) throws -> GatewayService {
        let clock = SystemClock()
        let gateway = Gateway(
            useCases: useCases, now: { clock.now() }, recorder: recorder, isServing: { gate.isOpened },
            metrics: { counters.families })
        return GatewayService(
            gateway: gateway, addresses: settings.gateway,
            tokens: settings.gateway.hasTCP ? try TokenFile.access(settings) : .socket, logger: logger, listens: listens
        )
    }

    /// - Throws: ``StartError``.
    private static func certificates(
        _ files: ServerCertificates.Files, logger: Logger
    ) throws -> ServerCertificates {
        do throws(ServerCertificates.Refusal) {
            return try ServerCertificates(files) { error in
                if let error {
                    logger.error(
                        "the streaming server's certificates have changed and cannot be used; those before stay in use",
                        metadata: ["error": "\(error)"])
                } else {
                    logger.notice("the streaming server's certificates have changed, and were taken")
                }
            }
        } catch {
            throw StartError("streamingCertFile, streamingKeyFile, streamingClientCAFile: \(error)")
        }
    }

    private func streamingServer(
        useCases: UseCases, tickets: SingleUseTickets, certificates: ServerCertificates?, logger: Logger
    ) -> StreamingServer {
        var configuration = StreamingServer.Configuration()
        configuration.host = settings.streamingAddress.host
        configuration.port = Int(settings.streamingAddress.port)
        configuration.tls = certificates
        if !settings.streamingAddress.isLoopback, certificates == nil {
            logger.warning(
                "sessions pass over the network without TLS, as the configuration says",
                metadata: ["address": "\(settings.streamingAddress)"])
        }
        return StreamingServer(configuration, tickets: tickets, useCases: useCases) { address in
            logger.info("exec, attach and port-forward are served", metadata: ["address": "\(address)"])
        }
    }

    /// Pods that run already do not wait for it, new ones do: none is made without a profile that it could have.
    private static func loadedAppArmor(logger: Logger) async -> AppArmor {
        let armor = AppArmor()
        switch await armor.load() {
        case nil: break
        case .done: logger.notice("the AppArmor profile of containers is loaded")
        case .failed(let cause):
            logger.warning(
                "the AppArmor profile of containers cannot be loaded: \(AppArmor.consequence)",
                metadata: ["cause": "\(cause)"])
        }
        return armor
    }

    private func engine(
        bus: SystemdBus, network: CNINetworkStatus, moves: CgroupMoves, logger: Logger
    ) -> RktCLIEngine {
        var engineSettings = EngineSettings(binary: settings.engine)
        engineSettings.dataDirectory = settings.dataDir
        engineSettings.runDirectory = settings.runDir
        engineSettings.changeable = { [live] in live.current.ofTheEngine }
        engineSettings.podRanges = { network.podRanges }
        engineSettings.rkt = settings.rkt
        let units = LauncherSettings().unitPrefix
        return RktCLIEngine(
            settings: engineSettings, logger: logger,
            surroundings: EngineSurroundings(
                wakeups: { Self.wakeups(bus.unitChanges(prefix: units)) },
                lastLines: { await Journal.lastLines(of: $0, count: $1) }), beforeMove: moves.expect)
    }

    private func ports(
        engine: RktCLIEngine, bus: SystemdBus, counters: Counters, armor: AppArmor, network: CNINetworkStatus,
        tickets: SingleUseTickets, moves: CgroupMoves, logger: Logger
    ) throws -> Ports {
        var launcherSettings = LauncherSettings()
        launcherSettings.defaultSlice = settings.podSlice
        launcherSettings.dataDirectory = settings.dataDir
        let units = launcherSettings.unitPrefix
        let measured = MeasuredEngine(engine: engine, counters: counters.engine)
        return Ports(
            launcher: MeasuredLauncher(
                launcher: SystemdRunLauncher(
                    settings: launcherSettings, bus: bus, program: engine, logger: logger, beforeMove: moves.expect),
                counters: counters.systemd),
            engine: measured,
            images: MeasuredImages(store: RktImageStore(engine: engine), counters: counters.images), exec: measured,
            live: RktLiveSessions(engine: engine), network: EngineNetwork(host: network, engine: engine),
            logs: try LogFiles(), usage: CgroupUsageReader(clock: SystemClock()),
            layers: LayerWalks(mountpoint: "\(settings.dataDir)/pods", clock: SystemClock()),
            wallClock: SystemClock(), ids: RandomIDs(), diagnostics: LoggedDiagnostics(logger: logger),
            confinement: armor, tickets: tickets,
            history: JournalHistory { $0.unitName(prefix: units) })
    }

    private var networkStatus: CNINetworkStatus {
        CNINetworkStatus(
            directories: { [live] in
                let settings = live.current
                return .init(configurations: settings.cniConfDir, plugins: settings.cniBinDirs)
            }, ranges: PodRanges(keptAt: "\(settings.runDir)/pod-ranges"))
    }

    /// For an engine without events: what happens to the units says when to look.
    private static func wakeups(_ changes: UnitChanges) -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            // Lives as long as its reader: the stream's end cancels it.
            let pump = Task {
                for await _ in changes { continuation.yield() }
                continuation.finish()
            }
            continuation.onTermination = { _ in pump.cancel() }
        }
    }

    private func transport(
        activated: [SocketActivation.Socket], logger: Logger
    ) throws -> NGHTTP2ServerTransport {
        var configuration = TransportConfiguration()
        configuration.report = { notice in
            logger.log(level: notice.severity == .warning ? .warning : .debug, "\(notice)")
        }
        let listener: TransportListener =
            if let socket = try SocketActivation.only(activated) {
                .inherited(descriptor: socket.descriptor)
            } else {
                .unix(path: try UnixSocketPath(settings.socketPath))
            }
        return NGHTTP2ServerTransport(listener: listener, configuration: configuration)
    }
}

extension Settings {
    fileprivate var ofTheEngine: EngineSettings.Changeable {
        var settings = EngineSettings.Changeable()
        settings.cniConfigurationDirectory = cniConfDir
        settings.cniBinaryDirectories = cniBinDirs
        settings.pullEnvironment = proxy
        settings.runtimes = runtimes
        return settings
    }
}
