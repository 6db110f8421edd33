import CRI
import Domain
import GRPCCore
import GRPCTransport
import Glibc
import HostFacts
import JournalLog
import Logging
import RktCLI
import ServiceLifecycle
import Systemd
import SystemdRun

/// The composition root: which adapter stands behind which port, and the order in which things start and end.
///
/// Started in this order, ended in the reverse: the bus, the index, the CRI's socket, the watchdog.
package struct DaemonProcess: Sendable {
    private let settings: Settings
    private let environment: [String: String]

    /// - Parameter environment: of this process; sockets that systemd passed on are taken from it.
    package init(settings: Settings, environment: [String: String]) {
        self.settings = settings
        self.environment = environment
    }

    /// Serves until SIGTERM or SIGINT.
    package func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let activated = try SocketActivation.take(environment: environment)
        LoggingSystem.bootstrap { [settings] in LogBackend.handler(label: $0, level: settings.logLevel) }
        let logger = Logger(label: "rktlet")
        let bus = SystemdBus()
        let useCases = UseCases(ports: ports(bus: bus, logger: logger), settings: useCaseSettings)
        let gate = StartupGate()
        let (recovered, whenRecovered) = AsyncStream<Never>.makeStream()
        let transport = try transport(activated: activated, logger: logger)
        let server = GRPCServer(
            transport: transport, services: CRIEndpoint.services(useCases),
            interceptors: CRIEndpoint.interceptors(observer: CallLog(logger: logger), gate: gate))
        var services: [any Service] = [
            BusService(bus: bus), IndexService(useCases: useCases, gate: gate, recovered: whenRecovered),
            GRPCService(
                server: server, transport: transport, isActivated: !activated.isEmpty, recovered: recovered,
                notifier: Notifier(), logger: logger),
        ]
        if let interval = Notifier.watchdogInterval {
            services.append(WatchdogService(notifier: Notifier(), interval: interval))
        }
        try await ServiceGroup(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: lifecycleLogger
        ).run()
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
        return settings
    }

    private func ports(bus: SystemdBus, logger: Logger) -> Ports {
        var engineSettings = EngineSettings(binary: settings.engine)
        engineSettings.dataDirectory = settings.dataDir
        engineSettings.runDirectory = settings.runDir
        engineSettings.cniConfigurationDirectory = settings.cniConfDir
        engineSettings.cniBinaryDirectories = settings.cniBinDirs
        engineSettings.environment = settings.proxy
        var launcherSettings = LauncherSettings()
        launcherSettings.defaultSlice = settings.podSlice
        let engine = RktCLIEngine(settings: engineSettings, logger: logger)
        return Ports(
            launcher: SystemdRunLauncher(settings: launcherSettings, bus: bus, program: engine, logger: logger),
            engine: engine, images: RktImageStore(engine: engine), exec: engine,
            network: CNINetworkStatus(confDir: settings.cniConfDir, binDirs: settings.cniBinDirs),
            wallClock: SystemClock(), ids: RandomIDs(), diagnostics: LoggedDiagnostics(logger: logger))
    }

    private func transport(
        activated: [SocketActivation.Socket], logger: Logger
    ) throws -> NGHTTP2ServerTransport {
        var configuration = TransportConfiguration()
        configuration.report = { notice in logger.debug("\(notice)") }
        let listener: TransportListener =
            if let socket = activated.first {
                .inherited(descriptor: socket.descriptor)
            } else {
                .unix(path: try UnixSocketPath(settings.socketPath))
            }
        return NGHTTP2ServerTransport(listener: listener, configuration: configuration)
    }
}
