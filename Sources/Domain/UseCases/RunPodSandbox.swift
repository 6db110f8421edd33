/// Makes a pod and returns when it is ready: namespaces made, network attached, addresses known.
///
/// What must always hold:
/// - the pod's metadata is reserved before any side effect;
/// - a retry (equal config) joins the call in flight or gets its finished result, and never makes a second pod; another config, or a
///   pod of that metadata that is not ready any more, is `alreadyExists` and names the pod;
/// - a caller may leave; when the last one has, the work is cancelled and undone, and a retry that comes meanwhile waits for that. When
///   that caller's deadline passed, a retry is given time to come and join before that;
/// - a failure is told soon, though its undo may take longer: a retry waits for the rest of it;
/// - any failure undoes everything outside the caller's cancellation; what cannot be undone stays visible as not ready, in possession
///   of its name, until it is removed or a retry can undo it.
package struct RunPodSandbox: Sendable {
    package let flights: InFlight<PodSandboxMetadata, PodSandboxConfig, PodID>
    private let context: UseCases.Context
    private var ports: Ports { context.ports }
    private var index: PodIndex { context.index }

    init(_ context: UseCases.Context) {
        self.context = context
        flights = InFlight(whenAbandoned: .linger(context.patienceWithLateCallers))
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
        let handlers = await ports.engine.handlers
        guard let handler = handlers.named(config.runtimeHandler) else {
            let known = handlers.map { "\"\($0.name)\"" }.joined(separator: ", ")
            throw DomainError(
                .invalidArgument,
                "runtime_handler: \"\(config.runtimeHandler)\" is not known here; the handlers are \(known)")
        }
        _ = try NetworkBandwidth(annotations: config.annotations)
        try ports.launcher.validate(config)
        if config.namespaces.user != nil, !handler.userNamespaces {
            throw DomainError(
                .invalidArgument,
                "config.linux.security_context.namespace_options.userns_options: there are no user namespaces for pods with runtime handler \"\(handler.name)\" here"
            )
        }
    }

    private func make(_ config: PodSandboxConfig) async throws(DomainError) -> PodID {
        let id = ports.ids.newPodID()
        let reserved = PodSandbox(
            id: id, config: config, state: .creating, createdAt: ports.wallClock.now(),
            unit: ports.launcher.unitName(for: id))
        switch try await reserve(reserved) {
        case .made: break
        case .taken(let pod): return try result(of: pod, for: config)
        case .stuck(let pod):
            throw DomainError(
                .alreadyExists,
                "pod \(pod.id) holds the name \(config.metadata): \(pod.message); remove it, or use another attempt")
        }
        // Its name has the beginning of the id only. Nothing is undone: the unit is the other's.
        if let other = index.other(than: id, withUnit: reserved.unit) {
            index.remove(id)
            throw DomainError(
                .unavailable,
                "pod \(id): its unit \(reserved.unit) is that of pod \(other) by chance; try again for another id")
        }
        var undo = context.undo(of: "pod \(id)")
        do throws(DomainError) {
            try await launch(id, config, &undo)
            return id
        } catch {
            // Its caller never learns the id: who looks for the reason finds it by the name.
            context.ports.diagnostics.warning(
                "a pod could not be made",
                [
                    "pod": id.rawValue, "name": "\(config.metadata.namespace)/\(config.metadata.name)",
                    "error": error.message,
                ])
            await give(up: id, config.metadata, undo, because: error)
            throw error
        }
    }

    /// What kept an earlier attempt's undo from its end (a full disk, say) may be over: it is tried once more before the name is refused.
    private func reserve(_ pod: PodSandbox) async throws(DomainError) -> Reservation<PodSandbox> {
        let first = index.reserve(pod)
        guard case .stuck(let owner) = first, index.isLeftover(owner.id) else { return first }
        try checkCancellation("pod \(owner.id): its undo")
        let cause = DomainError(.internal, owner.message)
        let left = await context.undo(ofPod: owner.id).run(because: cause)
        if let full = left.first(where: { $0.code == .resourceExhausted }) {
            throw DomainError(full.code, "pod \(owner.id) holds the name \(pod.config.metadata): \(full.message)")
        }
        guard left.isEmpty else { return first }
        index.remove(owner.id)
        return index.reserve(pod)
    }

    /// Undoes a pod that a daemon which ended was making. Nobody sees it; a retry of its call waits for this.
    func undo(halfMade pod: PodSandbox) {
        index.hold(halfMade: pod.id)
        let cause = DomainError(.cancelled, "the daemon ended while the pod was made")
        let work: InFlight<PodSandboxMetadata, PodSandboxConfig, PodID>.Work = { () throws(DomainError) in
            await give(up: pod.id, pod.config.metadata, context.undo(ofPod: pod.id), because: cause)
            context.ports.diagnostics.note("a half-made pod was undone", ["pod": pod.id.rawValue])
            throw cause
        }
        // Two of one name: an undo of the first was interrupted too. The second does without the name.
        if flights.occupy(pod.config.metadata, request: pod.config, work: work) { return }
        var other = pod.config.metadata
        other.uid += "/\(pod.id)"
        flights.occupy(other, request: pod.config, work: work)
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
        // The engine tells of a pod before systemd hears that it is ready: most often there is nothing left to ask, or will be in a moment.
        await waitForNews(of: id)
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

    /// Asking the engine costs more than waiting for what is on its way.
    private func waitForNews(of id: PodID) async {
        guard context.facts.isFollowed else { return }
        let index = index
        try? await TimeBudget(context.settings.newsWait, on: ports.clock).run("news") { () throws(DomainError) in
            await index.heardEnough(of: id)
        }
    }

    private func give(
        up id: PodID, _ name: PodSandboxMetadata, _ undo: Undo, because error: DomainError
    ) async {
        let left = await context.run(undo, because: error, tellingAfterAWhile: flights.earlyFailure(of: name))
        if left.isEmpty {
            index.remove(id)
        } else {
            let why = left.map(\.message).joined(separator: "; ")
            index.keepLeftover(id, message: "it could not be made (\(error.message)) nor wholly undone (\(why))")
        }
    }
}
