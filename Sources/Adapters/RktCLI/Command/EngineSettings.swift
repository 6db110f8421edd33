/// What the engine's adapter is told by the daemon's configuration.
package struct EngineSettings: Sendable {
    /// Absolute.
    package var binary: String
    package var dataDirectory: String = "/var/lib/rktlet"
    package var runDirectory: String = "/run/rktlet"
    /// The grace that the applications of a pod get when the pod is stopped as a whole.
    package var stopGrace: Duration = .seconds(30)
    /// For what only reads.
    package var queryTimeout: Duration = .seconds(30)
    /// For what changes something, beyond the graces that the request itself gives. What a hanging engine makes of a call must reach the
    /// kubelet within the two minutes that it waits.
    package var changeTimeout: Duration = .seconds(60)
    /// The node's ranges of pod addresses, `10.244.0.0/24`, as the kubelet told them; none before.
    package var podRanges: @Sendable () -> [String] = { [] }
    /// How often an engine without events is asked.
    package var pollInterval: Duration = .seconds(5)
    /// The first pause before an ended event stream is begun anew; it doubles up to five seconds.
    package var eventsBackoff: Duration = .milliseconds(100)

    /// Where the hierarchies of cgroups are mounted.
    package var cgroupDirectory = "/sys/fs/cgroup"
    /// What the operator grants where the engine is the archived rkt.
    package var rkt = RktGrants()

    /// What may change while the daemon runs; asked for anew by each call that needs it.
    package var changeable: @Sendable () -> Changeable = { Changeable() }

    package init(binary: String) { self.binary = binary }

    /// The settings that hold for pods and pulls from now on; those that are under way keep what they began with.
    package struct Changeable: Equatable, Sendable {
        package var cniConfigurationDirectory: String = "/etc/cni/net.d"
        package var cniBinaryDirectories: [String] = ["/opt/cni/bin", "/usr/lib/cni"]
        /// Paths of OCI runtimes by the names of runtime handlers. `default` is the default one's, which is the engine's choice otherwise.
        package var runtimes: [String: String] = [:]
        /// Added to the environment of the calls that talk to registries, and of no others: proxies, which may hold credentials.
        package var pullEnvironment: [String: String] = [:]

        package init() {}
    }

    /// Requests and credentials on their way to the engine.
    var requestDirectory: String { "\(runDirectory)/requests" }
    /// What files with credentials are called.
    static let credentialsPrefix = "auth-"
}
