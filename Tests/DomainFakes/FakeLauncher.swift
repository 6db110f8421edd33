import Domain
import Synchronization

/// Units in memory; a unit that is ready has its pod in the fake engine, as a real supervisor would.
package final class FakeLauncher: PodLauncher {
    private let state = Mutex<Set<PodID>>([])
    private let limits = Mutex<[PodID: PodLimits]>([:])
    private let digits = Mutex(64)
    private let engine: FakeEngine
    private let failpoints: Failpoints

    package init(engine: FakeEngine, failpoints: Failpoints = Failpoints()) {
        self.engine = engine
        self.failpoints = failpoints
    }

    package func unitName(for pod: PodID) -> String {
        "rktlet-pod-\(pod.rawValue.prefix(digits.withLock { $0 })).service"
    }

    /// From now on the names of units have so many digits of the ids.
    package func shorten(to count: Int) { digits.withLock { $0 = count } }

    package func validate(_ config: PodSandboxConfig) throws(DomainError) {
        try failpoints.enterAtOnce(.launcherValidate)
        guard config.cgroupParent.isEmpty || config.cgroupParent.hasSuffix(".slice") else {
            throw DomainError(
                .invalidArgument,
                "config.linux.cgroup_parent: \"\(config.cgroupParent)\" is not a slice; set the kubelet's cgroupDriver to systemd"
            )
        }
    }

    package func launch(_ pod: PodID, config: PodSandboxConfig) async throws(DomainError) {
        try await failpoints.enter(.launcherLaunch)
        _ = state.withLock { $0.insert(pod) }
        engine.podBegins(pod, config: config, unit: unitName(for: pod))
        engine.podIsReady(pod)
        try await failpoints.leave(.launcherLaunch)
    }

    package func stop(_ pod: PodID) async throws(DomainError) {
        try await failpoints.enter(.launcherStop)
        _ = state.withLock { $0.remove(pod) }
        engine.supervisorEnds(pod)
        try await failpoints.leave(.launcherStop)
    }

    package func limit(_ pod: PodID, to limits: PodLimits) async throws(DomainError) {
        try await failpoints.enter(.launcherLimit)
        self.limits.withLock { $0[pod] = limits }
        try await failpoints.leave(.launcherLimit)
    }

    /// What pods were limited to last.
    package var limited: [PodID: PodLimits] { limits.withLock { $0 } }

    package func units() async throws(DomainError) -> [PodID] {
        try await failpoints.enter(.launcherUnits)
        let units = state.withLock { Array($0) }
        try await failpoints.leave(.launcherUnits)
        return units
    }

    /// The units that exist.
    package var running: Set<PodID> { state.withLock { $0 } }

    /// Makes a unit without a pod: what a launch leaves whose daemon died at once.
    package func addUnit(_ pod: PodID) { _ = state.withLock { $0.insert(pod) } }
}
