/// What the launcher is told by the daemon's configuration.
package struct LauncherSettings: Sendable {
    package var systemdRun: String = "/usr/bin/systemd-run"
    /// Where pods without a cgroup parent go.
    package var defaultSlice: String = "rktlet-pods.slice"
    /// For a pod's start, network included. What fails then is told, with its cause, well within the kubelet's four minutes.
    package var startTimeout: Duration = .seconds(120)
    /// How much longer than systemd itself systemd-run is waited for.
    package var startPatience: Duration = .seconds(10)
    /// The grace that the pod's applications get when the unit is stopped.
    package var stopGrace: Duration = .seconds(30)
    /// What the pods' unit names begin with.
    package var unitPrefix: String = "rktlet-pod-"

    /// The engine's: units whose command line names another are another daemon's. Empty: all are ours.
    package var dataDirectory: String = ""

    package init() {}

    /// `TimeoutStopSec=`: the grace, and what the rest of a stop takes.
    package var stopTimeout: Duration { stopGrace + .seconds(30) }

    /// What a unit may take to go: systemd gives `TimeoutStopSec=` to SIGTERM, to SIGKILL, to `ExecStopPost=` and to what that leaves.
    package var stopLimit: Duration { stopTimeout * 4 + .seconds(10) }
}
