import ByteText
import Domain

extension GantryDialect {
    func exec(
        _ command: [String], in container: ContainerID, of pod: PodID, streams: SessionStreams
    ) async throws(DomainError) -> any LiveSession {
        let object = "container \(container)"
        guard words.contains("exec-sessions") else {
            throw DomainError(.unimplemented, "\(object): this engine has no sessions; install a newer one")
        }
        return try await session(
            ["app", "exec"], ["--app=\(container)"] + streams.words,
            [EngineUUID(pod).description, "--"] + command, about: object, outcomeOfCancel: 137)
    }

    func attach(
        to container: ContainerID, of pod: PodID, streams: SessionStreams
    ) async throws(DomainError) -> any LiveSession {
        let object = "container \(container)"
        guard words.contains("attach") else {
            throw DomainError(.unimplemented, "\(object): this engine cannot attach to it; install a newer one")
        }
        var words = streams.words
        // A container's terminal is there already; it takes its client's size as that comes.
        words.removeAll { $0.begins(with: "--size=") }
        let session = try await session(
            ["app", "attach"], ["--app=\(container)"] + words, [EngineUUID(pod).description], about: object,
            outcomeOfCancel: 0)
        if case .sized(let size?) = streams.terminal { session.resize(to: size) }
        return session
    }

    func forward(into pod: PodID) async throws(DomainError) -> any PortForwarding {
        guard words.contains("port-forward") else {
            throw DomainError(.unimplemented, "pod \(pod): this engine has no port forwarding; install a newer one")
        }
        return try await GantryPortForwarding.begin(call, pod)
    }
}

extension GantryDialect {
    /// Runs a command that hands a session over and ends.
    private func session(
        _ verb: [String], _ options: [String], _ operands: [String], about object: String, outcomeOfCancel: Int32
    ) async throws(DomainError) -> GantrySession {
        let socket = try HandoverSocket(about: object)
        let result = try await call.command.run(
            verb, ["--format=json", "--session=0"] + options + operands, about: object, timeout: settings.changeTimeout,
            inputDescriptor: socket.theirs)
        guard result.succeeded else { throw call.error(of: result, verb, about: object) }
        return try GantrySession(try socket.receive(), about: object, outcomeOfCancel: outcomeOfCancel)
    }
}

extension SessionStreams {
    /// As options of the engine.
    fileprivate var words: [String] {
        var words = [(stdin, "--stdin"), (stdout, "--stdout"), (stderr, "--stderr")].filter(\.0).map(\.1)
        if case .sized(let size) = terminal {
            words.append("--tty")
            if let size { words.append("--size=\(size.columns)x\(size.rows)") }
        }
        return words
    }
}
