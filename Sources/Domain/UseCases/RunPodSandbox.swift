/// Makes a pod and returns when it is ready: namespaces made, network attached, addresses known.
///
/// What must always hold:
/// - the pod's metadata is reserved before any side effect;
/// - a retry (equal config) joins the call in flight or gets its finished result, and never makes a second pod; another config, or a
///   pod of that metadata that is not ready any more, is `alreadyExists` and names the pod;
/// - a caller may leave; when the last one has, the work is cancelled and undone, and a retry that comes meanwhile waits for that;
/// - any failure undoes everything outside the caller's cancellation; what cannot be undone stays visible as not ready, in possession
///   of its name, until it is removed.
package struct RunPodSandbox: Sendable {
    package let flights = InFlight<PodSandboxMetadata, PodSandboxConfig, PodID>(whenAbandoned: .cancel)
    private let context: UseCases.Context
    private var ports: Ports { context.ports }
    private var index: PodIndex { context.index }

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// - Throws: `invalidArgument` for a config that cannot be launched, naming the field; `alreadyExists`; what the launch fails with.
    package func callAsFunction(_ config: PodSandboxConfig) async throws(DomainError) -> PodID {
        try await validate(config)
        return try await flights.run(
            config.metadata, request: config,
            conflict: { _ in
                DomainError(
                    .alreadyExists,
                    "a pod \(config.metadata) with another config is being made just now; wait for it, or use another attempt"
                )
            },
            work: { () throws(DomainError) in try await make(config) })
    }

    private func validate(_ config: PodSandboxConfig) async throws(DomainError) {
        guard context.settings.runtimeHandlers.contains(config.runtimeHandler) else {
            let known = context.settings.runtimeHandlers.map { "\"\($0)\"" }.joined(separator: ", ")
            throw DomainError(
                .invalidArgument,
                "runtime_handler: \"\(config.runtimeHandler)\" is not known here; the handlers are \(known)")
        }
        try ports.launcher.validate(config)
        if config.namespaces.user != nil, try await !context.facts.features().userNamespaces {
            throw DomainError(
                .invalidArgument,
                "config.linux.security_context.namespace_options.userns_options: the engine in use has no user namespaces for pods"
            )
        }
    }

    private func make(_ config: PodSandboxConfig) async throws(DomainError) -> PodID {
        let id = ports.ids.newPodID()
        let reserved = PodSandbox(
            id: id, config: config, state: .creating, createdAt: ports.wallClock.now(),
            unit: ports.launcher.unitName(for: id))
        switch index.reserve(reserved) {
        case .made: break
        case .taken(let pod): return try result(of: pod, for: config)
        case .stuck(let pod):
            throw DomainError(
                .alreadyExists,
                "pod \(pod.id) holds the name \(config.metadata): \(pod.message); remove it, or use another attempt")
        }
        var undo = context.undo(of: "pod \(id)")
        do throws(DomainError) {
            try await launch(id, config, &undo)
            return id
        } catch {
            await give(up: id, undo, because: error)
            throw error
        }
    }

    /// What a retry gets.
    private func result(of pod: PodSandbox, for config: PodSandboxConfig) throws(DomainError) -> PodID {
        guard pod.state == .ready else {
            throw DomainError(
                .alreadyExists,
                "pod \(pod.id) holds the name \(config.metadata) and is \(pod.state.rawValue); remove it, or use another attempt"
            )
        }
        guard pod.config == config else {
            throw DomainError(
                .alreadyExists,
                "pod \(pod.id) holds the name \(config.metadata) and has another config; remove it, or use another attempt"
            )
        }
        return pod.id
    }

    private func launch(_ id: PodID, _ config: PodSandboxConfig, _ undo: inout Undo) async throws(DomainError) {
        try checkCancellation("pod \(id): launch")
        undo = context.undo(ofPod: id)
        try await ports.launcher.launch(id, config: config)
        // The engine tells of a pod before systemd hears that it is ready: most often there is nothing left to ask.
        if !Task.isCancelled, index.publishWhatWasHeard(of: id) { return }
        guard let record = try await ports.engine.record(of: id) else {
            throw DomainError(.internal, "pod \(id): its unit is ready, but the engine knows no such pod")
        }
        try checkCancellation("pod \(id): launch")
        guard index.publish(record.pod) else {
            let why = record.pod.message.isEmpty ? "no reason is recorded" : record.pod.message
            throw DomainError(.unavailable, "pod \(id) ended as soon as it had started: \(why)")
        }
    }

    private func give(up id: PodID, _ undo: Undo, because error: DomainError) async {
        let left = await undo.run(because: error)
        if left.isEmpty {
            index.remove(id)
        } else {
            let why = left.map(\.message).joined(separator: "; ")
            index.keepLeftover(id, message: "it could not be made (\(error.message)) nor wholly undone (\(why))")
        }
    }
}
