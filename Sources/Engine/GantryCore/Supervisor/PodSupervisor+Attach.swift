import JSON

extension PodSupervisor {
    /// `app-attach`: gives a client what the app's own process writes from now on, and its input; answered again when the app has ended, or the
    /// client is cut off. The end of the connection ends that, and nothing else.
    func attach(_ request: ControlRequest) throws(EngineError) {
        let app = try requestedApp(request)
        guard app.phase == .running, let output = app.output else { throw notRunning(app) }
        guard output.clients < AppOutput.mostClients else {
            throw EngineError(
                .exhausted, "app \(app.name): has \(AppOutput.mostClients) clients, which is the most; detach one")
        }
        let attachment = try AppAttachment(
            to: app, stdin: try request.bool("stdin"), stdout: try request.bool("stdout"),
            stderr: try request.bool("stderr"), terminal: try request.bool("tty"))
        let given = attachment.given
        let client = output.attach(attachment.pipes) {
            request.tell(
                ["ok": true, "started": true, "descriptors": .array(given.map { .string($0.name) })],
                descriptors: given.map(\.end.raw))
            // The client's alone from now on.
            for (_, end) in given { end.close() }
        } left: { error in
            if let error { return request.fail(error.prefixed("app \(app.name)")) }
            request.succeed(["exit_code": 0])
        }
        guard let client else { throw notRunning(app) }
        request.onCancel = { [weak output] in output?.detach(client) }
    }
}
