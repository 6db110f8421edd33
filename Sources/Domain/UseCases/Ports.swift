/// Everything the use-cases reach the world by.
package struct Ports: Sendable {
    package var launcher: any PodLauncher
    package var engine: any PodEngine
    package var images: any ImageStore
    package var exec: any ExecSessions
    package var live: any LiveSessions
    package var tickets: any SessionTickets
    package var history: any PodHistory
    package var network: any NetworkStatus
    package var confinement: any Confinement
    package var logs: any ContainerLogs
    package var usage: any ResourceUsage
    package var layers: any LayerMeter
    package var wallClock: any WallClock
    package var ids: any IDs
    package var diagnostics: any Diagnostics
    /// What time budgets are measured on.
    package var clock: any Clock<Duration>

    package init(
        launcher: any PodLauncher, engine: any PodEngine, images: any ImageStore, exec: any ExecSessions,
        live: any LiveSessions, network: any NetworkStatus, logs: any ContainerLogs, usage: any ResourceUsage,
        layers: any LayerMeter,
        wallClock: any WallClock,
        ids: any IDs, diagnostics: any Diagnostics,
        confinement: any Confinement = UnknownConfinement(), tickets: any SessionTickets = NoSessionTickets(),
        history: any PodHistory = NoPodHistory(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.launcher = launcher
        self.engine = engine
        self.images = images
        self.exec = exec
        self.live = live
        self.tickets = tickets
        self.history = history
        self.network = network
        self.confinement = confinement
        self.logs = logs
        self.usage = usage
        self.layers = layers
        self.wallClock = wallClock
        self.ids = ids
        self.diagnostics = diagnostics
        self.clock = clock
    }
}
