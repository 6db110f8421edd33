/// The runtime's health and abilities (CRI `StatusResponse`).
package struct RuntimeStatusReport: Hashable, Sendable {
    /// `RuntimeReady` and `NetworkReady`, always both.
    package var conditions: [RuntimeCondition]
    /// What is amiss with the host and keeps no pod from running; empty when all is well.
    package var advisories: [RuntimeCondition]
    package var handlers: [RuntimeHandler]
    /// Whether `SupplementalGroupsPolicy` is heeded.
    package var supplementalGroupsPolicy: Bool
    /// Whether mounts may have options of their own.
    package var mountOptions: Bool
    /// Facts for people, for a verbose status; plain values, which the transport encodes.
    package var details: [String: String]

    package init(
        conditions: [RuntimeCondition], advisories: [RuntimeCondition] = [], handlers: [RuntimeHandler],
        supplementalGroupsPolicy: Bool, mountOptions: Bool = false, details: [String: String] = [:]
    ) {
        self.conditions = conditions
        self.advisories = advisories
        self.handlers = handlers
        self.supplementalGroupsPolicy = supplementalGroupsPolicy
        self.mountOptions = mountOptions
        self.details = details
    }
}

/// Tells how the runtime is. Never fails: what does not work is a condition that says so.
package struct RuntimeStatus: Sendable {
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    package func callAsFunction() async -> RuntimeStatusReport {
        let features = await Result(catching: { () async throws(DomainError) in try await context.facts.features() })
        let known = try? features.get()
        return RuntimeStatusReport(
            conditions: [ready(features), await context.ports.network.condition()],
            advisories: await context.ports.confinement.advisories(),
            handlers: await context.ports.engine.handlers,
            supplementalGroupsPolicy: known?.strictGroups ?? false,
            mountOptions: known?.mountOptions ?? false,
            details: details(known))
    }

    private func ready(_ features: Result<EngineFeatures, DomainError>) -> RuntimeCondition {
        let failure: DomainError? =
            if case .failure(let error) = features { error } else { context.facts.failure }
        guard let failure else { return RuntimeCondition(type: "RuntimeReady", status: true) }
        return RuntimeCondition(
            type: "RuntimeReady", status: false, reason: "PodEngineNotAnswering",
            message: "\(failure.message); see the engine's own command line and `rktlet doctor`")
    }

    private func details(_ features: EngineFeatures?) -> [String: String] {
        var details = [
            "runtimeVersion": context.settings.runtimeVersion,
            "podSandboxes": String(context.index.pods().count),
            "containers": String(context.index.containers().count),
        ]
        if let features {
            details["engine"] = features.name
            details["engineVersion"] = features.version
        }
        return details
    }
}
