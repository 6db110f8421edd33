import JSON

extension PodSupervisor {
    /// Answers one request, now or later.
    func handle(_ request: ControlRequest) {
        do throws(EngineError) {
            try dispatch(request)
        } catch {
            request.fail(error)
        }
    }

    private func dispatch(_ request: ControlRequest) throws(EngineError) {
        guard request.body.objectValue == nil || request.body["op"] == nil || !request.operation.isEmpty else {
            throw request.invalid("op", "must be the name of an operation")
        }
        let version = try request.optionalInteger("protocol") ?? 0
        // Asking for the range of versions is how a client of another version begins.
        guard request.operation == "ping" || ControlProtocol.versions.contains(version) else {
            throw EngineError(
                .unsupported,
                "control request: protocol \(version) is not spoken by this supervisor, which knows "
                    + "\(ControlProtocol.versions.lowerBound) to \(ControlProtocol.versions.upperBound)")
        }
        switch request.operation {
        case "ping": ping(request)
        case "status": try status(request)
        case "app-add": try add(request)
        case "app-start": try start(request)
        case "app-stop": try stopApp(request)
        case "app-rm": try remove(request)
        case "app-exec": try execute(request)
        case "app-attach": try attach(request)
        case "app-reopen-log": try reopenLog(request)
        case "app-update": try update(request)
        case "app-checkpoint": try checkpoint(request)
        case "stop":
            let limit = try request.bool("force") ? 0 : request.nanoseconds("timeout_ms")
            stopRequests.append(request)
            stop(within: limit)
        default:
            throw EngineError(.unsupported, "control request: there is no operation \"\(request.operation)\"")
        }
    }

    /// With what the loop has done, for whoever measures; `"reset":true` begins that anew.
    private func status(_ request: ControlRequest) throws(EngineError) {
        let (full, meter) = (fullRecord, loop.meter.json)
        if try request.bool("reset") { loop.meter.reset() }
        answer(request, weight: full.apps.reduce(full.weight) { $0 + $1.weight }) { ["pod": full.json, "loop": meter] }
    }

    private func ping(_ request: ControlRequest) {
        request.succeed([
            "protocol_min": .integer(ControlProtocol.versions.lowerBound),
            "protocol_max": .integer(ControlProtocol.versions.upperBound), "uuid": .string(pod.uuid.string),
        ])
    }

    private func reopenLog(_ request: ControlRequest) throws(EngineError) {
        let app = try requestedApp(request)
        guard app.phase == .running else { throw notRunning(app) }
        guard let output = app.output else { return request.succeed() }
        output.reopenLog { result in
            switch result {
            case .success: request.succeed()
            case .failure(let error): request.fail(error)
            }
        }
    }

    func requestedName(_ request: ControlRequest) throws(EngineError) -> AppName {
        try AppName(request.string("name"))
    }

    func requestedApp(_ request: ControlRequest) throws(EngineError) -> App {
        try app(requestedName(request))
    }

    func requireNotStopping(_ doing: String) throws(EngineError) {
        guard !isStopping else { throw EngineError(.precondition, "\(doing): pod \(pod.uuid) is being stopped") }
    }
}
