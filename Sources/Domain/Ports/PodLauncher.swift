/// Starts and stops the systemd unit that is a pod. Every call answers to the cancellation of its task, soon.
package protocol PodLauncher: Sendable {
    /// The unit's name for a pod; recorded before anything is launched, and the same each time.
    func unitName(for pod: PodID) -> String

    /// Refuses a pod that could not be launched, before anything is reserved: a cgroup parent that is no slice.
    func validate(_ config: PodSandboxConfig) throws(DomainError)

    /// Starts the unit and returns when systemd says it is ready: namespaces made, network attached.
    ///
    /// On an error, a cancellation included, the unit may or may not exist: ``stop(_:)`` is always the undo.
    /// The error carries the supervisor's own cause and the unit's last log lines.
    func launch(_ pod: PodID, config: PodSandboxConfig) async throws(DomainError)

    /// Stops the unit and returns when systemd has finished with it. A unit that is not there is stopped already.
    func stop(_ pod: PodID) async throws(DomainError)

    /// Has systemd hold the unit to these limits, for as long as there is the unit: a reload of systemd changes nothing. All of them or none.
    /// `invalidArgument` names the field that this host's systemd has nothing for.
    func limit(_ pod: PodID, to limits: PodLimits) async throws(DomainError)

    /// The pods that have a unit of ours, in whatever state: for finding orphans.
    func units() async throws(DomainError) -> [PodID]
}
