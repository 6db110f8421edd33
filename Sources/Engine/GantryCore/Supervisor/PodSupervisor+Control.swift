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
        let version = request.body["protocol"]?.int64Value ?? 0
        // Asking for the range of versions is how a client of another version begins.
        guard request.operation == "ping" || ControlProtocol.versions.contains(version) else {
            throw EngineError(
                .unsupported,
                "control request: protocol \(version) is not spoken by this supervisor, which knows "
                    + "\(ControlProtocol.versions.lowerBound) to \(ControlProtocol.versions.upperBound)")
        }
        switch request.operation {
        case "ping": ping(request)
        case "status": status(request)
        case "app-add": try add(request)
        case "app-start": try start(request)
        case "app-stop": try stopApp(request)
        case "app-rm": try remove(request)
        case "app-exec": try execute(request)
        case "app-reopen-log": try reopenLog(request)
        case "stop":
            stopRequests.append(request)
            let isForced = request.body["force"]?.boolValue ?? false
            stop(within: isForced ? 0 : try Self.nanoseconds(request.body["timeout_ms"]))
        default:
            throw EngineError(.unsupported, "control request: there is no operation \"\(request.operation)\"")
        }
    }

    /// With what the loop has done, for whoever measures; `"reset":true` begins that anew.
    private func status(_ request: ControlRequest) {
        let (full, meter) = (fullRecord, loop.meter.json)
        if request.body["reset"]?.boolValue == true { loop.meter.reset() }
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
        guard app.phase == .running else {
            throw EngineError(.precondition, "app \(app.name): is \(app.record.state.rawValue), not running")
        }
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

    /// Of a number of milliseconds that may be left out.
    /// - Throws: for what is no time: taken for none, it would be a time without an end.
    static func nanoseconds(_ value: JSON?) throws(EngineError) -> Int64? {
        guard let value, value != .null else { return nil }
        guard let milliseconds = value.int64Value, (0...Int64.max / 1_000_000).contains(milliseconds) else {
            throw EngineError(
                .invalid, "control request: \"timeout_ms\" must be a whole number from 0 to \(Int64.max / 1_000_000)")
        }
        return milliseconds * 1_000_000
    }

    func requireNotStopping(_ doing: String) throws(EngineError) {
        guard !isStopping else { throw EngineError(.precondition, "\(doing): pod \(pod.uuid) is being stopped") }
    }
}
