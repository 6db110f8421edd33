import ByteText
import ChildProcess
import Domain
import JSON

/// The one place that runs the engine's binary: absolute path, argument vector, built environment, a time limit on every call.
struct RktCommand: Sendable {
    let settings: EngineSettings
    let dialect: RktDialect

    /// The last line of a failed call's stderr, where the engine describes its errors as JSON.
    typealias ErrorReader = @Sendable (ChildResult) -> DomainError?

    /// `app add --dir=… --name=…`: the words of the command, the global options, the rest.
    func arguments(_ verb: [String], _ rest: [String]) -> [String] {
        verb + globalOptions + rest
    }

    private var globalOptions: [String] {
        switch dialect {
        case .rkt: ["--dir=\(settings.dataDirectory)"]
        case .gantry: ["--dir=\(settings.dataDirectory)", "--run-dir=\(settings.runDirectory)"]
        }
    }

    var environment: [String: String] {
        var environment = ChildCommand.plainEnvironment
        if dialect == .rkt {
            environment["RKT_EXPERIMENT_APP"] = "true"
            environment["RKT_EXPERIMENT_ATTACH"] = "true"
        }
        return environment
    }

    func command(
        _ verb: [String], _ rest: [String], input: [UInt8]? = nil, timeout: Duration?, outputLimit: Int = 64 << 20,
        more: [String: String] = [:], inputDescriptor: Int32? = nil
    ) -> ChildCommand {
        var command = ChildCommand(
            executable: settings.binary, arguments: arguments(verb, rest),
            environment: environment.merging(more) { _, given in given }, input: input, outputLimit: outputLimit,
            timeout: timeout)
        command.inputDescriptor = inputDescriptor
        return command
    }

    /// Runs to the end, whatever the exit code.
    /// - Parameters:
    ///   - object: what the call is about, for errors: `pod 3f2c…`.
    ///   - more: added to the environment.
    ///   - inputDescriptor: what it has as standard input instead of `input`.
    ///   - errorLine: gets each line of its stderr while it runs.
    func run(
        _ verb: [String], _ rest: [String], about object: String, input: [UInt8]? = nil, timeout: Duration?,
        outputLimit: Int = 64 << 20, more: [String: String] = [:], inputDescriptor: Int32? = nil,
        errorLine: (@Sendable ([UInt8]) -> Void)? = nil
    ) async throws(DomainError) -> ChildResult {
        do throws(ChildError) {
            return try await command(
                verb, rest, input: input, timeout: timeout, outputLimit: outputLimit, more: more,
                inputDescriptor: inputDescriptor
            ).run(errorLine: errorLine)
        } catch {
            throw DomainError(error, about: object, doing: verb)
        }
    }

    /// Reads one JSON value from a call that succeeded.
    func json(
        of result: ChildResult, _ verb: [String], about object: String
    ) throws(DomainError) -> JSON {
        try checkWhole(result, verb, about: object)
        do throws(JSONError) { return try JSON(parsing: result.output) } catch {
            throw noJSON(error, verb, about: object)
        }
    }

    /// Reads the elements of an array, one after the other, from a call that succeeded.
    func elements(
        of result: ChildResult, _ verb: [String], about object: String, _ take: (JSON) throws(DomainError) -> Void
    ) throws(DomainError) {
        try checkWhole(result, verb, about: object)
        var elements: JSONElements
        do throws(JSONError) { elements = try JSONElements(of: result.output) } catch {
            throw noJSON(error, verb, about: object)
        }
        while true {
            let element: JSON?
            do throws(JSONError) { element = try elements.next() } catch { throw noJSON(error, verb, about: object) }
            guard let element else { return }
            try take(element)
        }
    }

    private func checkWhole(_ result: ChildResult, _ verb: [String], about object: String) throws(DomainError) {
        guard result.outputWasCut else { return }
        throw DomainError(.internal, "\(object): \(call(verb)) printed more than \(result.output.count) bytes")
    }

    private func noJSON(_ error: JSONError, _ verb: [String], about object: String) -> DomainError {
        DomainError(.internal, "\(object): \(call(verb)) did not print JSON: \(error)")
    }

    private func call(_ verb: [String]) -> String { "\(settings.binary) \(verb.joined(separator: " "))" }

    /// The error of a call that failed without saying so in JSON.
    ///
    /// - Parameter said: what the engine said, where that is more than its last line.
    func plainFailure(
        _ result: ChildResult, _ verb: [String], about object: String, said: String? = nil
    ) -> DomainError {
        // It may be a registry's own text.
        let said = (said ?? result.lastErrorLine).onOneLine.shortened(to: 1000)
        let what = "\(settings.binary) \(verb.joined(separator: " ")): \(result.end)"
        return DomainError(.internal, "\(object): \(what)\(said.isEmpty ? "" : ": \(said)")")
    }
}

extension DomainError {
    init(_ error: ChildError, about object: String, doing verb: [String]) {
        let code: Code =
            switch error {
            case .notStarted: .unavailable
            case .timedOut: .deadlineExceeded
            case .cancelled: .cancelled
            case .lost, .lineTooLong: .internal
            }
        self.init(code, "\(object): \(verb.joined(separator: " ")): \(error)")
    }

    /// A document of the engine that does not have its documented shape.
    init(_ error: CodecError, about object: String) {
        self.init(.internal, "\(object): unexpected answer of the engine: \(error)")
    }
}
