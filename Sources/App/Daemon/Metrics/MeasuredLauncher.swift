import Domain

/// A launcher whose calls are counted.
struct MeasuredLauncher: PodLauncher {
    let launcher: any PodLauncher
    let counters: CallCounters

    func unitName(for pod: PodID) -> String { launcher.unitName(for: pod) }

    func validate(_ config: PodSandboxConfig) throws(DomainError) { try launcher.validate(config) }

    func launch(_ pod: PodID, config: PodSandboxConfig) async throws(DomainError) {
        try await counters.measure("launch") { () throws(DomainError) in try await launcher.launch(pod, config: config)
        }
    }

    func stop(_ pod: PodID) async throws(DomainError) {
        try await counters.measure("stop") { () throws(DomainError) in try await launcher.stop(pod) }
    }

    func limit(_ pod: PodID, to limits: PodLimits) async throws(DomainError) {
        try await counters.measure("limit") { () throws(DomainError) in try await launcher.limit(pod, to: limits) }
    }

    func units() async throws(DomainError) -> [PodID] {
        try await counters.measure("units") { () throws(DomainError) in try await launcher.units() }
    }
}
