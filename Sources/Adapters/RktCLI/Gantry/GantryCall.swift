import ByteText
import ChildProcess
import Domain
import JSON

/// Calls of the engine's command line, with its errors as it describes them.
struct GantryCall: Sendable {
    let command: RktCommand

    var settings: EngineSettings { command.settings }

    /// Runs a command with `--format=json` that succeeds, and reads what it prints.
    /// - Parameter errorLine: gets each line of its stderr while it runs.
    func json(
        _ verb: [String], _ rest: [String], about object: String, input: [UInt8]? = nil, timeout: Duration?,
        outputLimit: Int = 64 << 20, more: [String: String] = [:], errorLine: (@Sendable ([UInt8]) -> Void)? = nil
    ) async throws(DomainError) -> JSON {
        let result = try await command.run(
            verb, ["--format=json"] + rest, about: object, input: input, timeout: timeout, outputLimit: outputLimit,
            more: more, errorLine: errorLine)
        guard result.succeeded else { throw error(of: result, verb, about: object) }
        return try command.json(of: result, verb, about: object)
    }

    /// As ``json(_:_:about:input:timeout:outputLimit:more:errorLine:)`` for a command that prints a list, whose elements are read one after the
    /// other.
    func elements(
        _ verb: [String], _ rest: [String], about object: String, timeout: Duration?,
        _ take: (JSON) throws(DomainError) -> Void
    ) async throws(DomainError) {
        let result = try await command.run(verb, ["--format=json"] + rest, about: object, timeout: timeout)
        guard result.succeeded else { throw error(of: result, verb, about: object) }
        try command.elements(of: result, verb, about: object, take)
    }

    /// Runs a command that succeeds; what it prints does not matter.
    func done(_ verb: [String], _ rest: [String], about object: String, timeout: Duration?) async throws(DomainError) {
        let result = try await command.run(verb, ["--format=json"] + rest, about: object, timeout: timeout)
        guard result.succeeded else { throw error(of: result, verb, about: object) }
    }

    /// The last line of stderr is `{"error":{"code":…,"message":…}}`.
    func error(of result: ChildResult, _ verb: [String], about object: String) -> DomainError {
        guard let document = try? JSON(parsing: result.lastErrorLine), let error = document["error"],
            let word = error["code"]?.stringValue, let code = Self.code(word),
            let message = error["message"]?.stringValue
        else { return command.plainFailure(result, verb, about: object) }
        return DomainError(code, Self.message(EngineWords.told(message, about: object), word, of: verb))
    }

    /// The kubelet tells some cases by a word in front of the message.
    static func message(_ message: String, _ word: String, of verb: [String]) -> String {
        switch word {
        case "signature-invalid": "SignatureValidationFailed: \(message)"
        case "image-volume": "ImageVolumeMountFailed: \(message)"
        // A fetch waits for nothing but the registry.
        case "unavailable", "deadline": verb == ["image", "fetch"] ? "RegistryUnavailable: \(message)" : message
        default: message
        }
    }

    static func code(_ word: String) -> DomainError.Code? {
        switch word {
        case "not-found": .notFound
        case "exists": .alreadyExists
        case "invalid", "image-volume": .invalidArgument
        case "precondition": .failedPrecondition
        case "unavailable": .unavailable
        case "exhausted": .resourceExhausted
        // The call is served; what it asks for in one of its fields is not.
        case "unsupported": .invalidArgument
        case "deadline": .deadlineExceeded
        case "unauthorized", "signature-invalid": .permissionDenied
        case "internal": .internal
        default: nil
        }
    }
}
