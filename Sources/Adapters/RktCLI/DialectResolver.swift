import ByteText
import ChildProcess
import Domain
import JSON
import Logging
import Synchronization

/// Asks the engine once what it is, and remembers.
final class DialectResolver: Sendable {
    private let settings: EngineSettings
    private let surroundings: EngineSurroundings
    private let logger: Logger
    private let known = Mutex<(any EngineDialect)?>(nil)
    private let owned = Mutex<DomainError?>(nil)

    init(settings: EngineSettings, surroundings: EngineSurroundings, logger: Logger) {
        self.settings = settings
        self.surroundings = surroundings
        self.logger = logger
    }

    /// Why this engine is not to work in the data directory, once it was found that it is not: no further try mends that.
    var refusal: DomainError? { owned.withLock { $0 } }

    /// An engine that cannot be asked is asked again the next time.
    func dialect() async throws(DomainError) -> any EngineDialect {
        if let dialect = known.withLock({ $0 }) { return dialect }
        let fresh = try await detect()
        return known.withLock { known in
            // Of two that asked at once, the first one's answer is kept: a dialect has caches.
            if let first = known { return first }
            known = fresh
            return fresh
        }
    }

    private func detect() async throws(DomainError) -> any EngineDialect {
        let object = "engine \(settings.binary)"
        let plain = RktCommand(settings: settings, dialect: .rkt)
        // Without any option: every engine knows this form.
        let command = ChildCommand(
            executable: settings.binary, arguments: ["version"], environment: plain.environment, outputLimit: 64 << 10,
            timeout: settings.queryTimeout)
        let result: ChildResult
        do throws(ChildError) { result = try await command.run() } catch {
            throw DomainError(error, about: object, doing: ["version"])
        }
        guard result.succeeded else {
            throw DomainError(.unavailable, plain.plainFailure(result, ["version"], about: object).message)
        }
        guard let (dialect, version) = RktDialect.detect(inVersionText: result.outputText) else {
            throw DomainError(
                .unavailable, "\(object): \"version\" names neither rkt nor gantry: is this an rkt-compatible engine?")
        }
        do throws(DomainError) {
            try EngineOwner(in: settings.dataDirectory).claim(for: dialect)
        } catch {
            owned.withLock { $0 = error }
            throw error
        }
        logger.info("engine found", metadata: ["engine": "\(dialect.rawValue)", "version": "\(version)"])
        switch dialect {
        case .gantry: return try await gantry(version: version)
        case .rkt:
            warnOfRuntimes()
            let rkt = PlainRktDialect(command: plain, version: version, surroundings: surroundings, logger: logger)
            if let problem = rkt.networkProblem() {
                logger.error("pods get no network with this engine", metadata: ["cause": "\(problem.message)"])
            }
            return rkt
        }
    }

    private func warnOfRuntimes() {
        let names = settings.changeable().runtimes.keys.sorted { $0.precedes($1) }
        guard !names.isEmpty else { return }
        logger.warning(
            "this engine has no choice of OCI runtimes: those of the configuration are no handlers",
            metadata: ["runtimes": "\(names.joined(separator: ", "))"])
    }

    private func gantry(version: String) async throws(DomainError) -> GantryDialect {
        let call = GantryCall(command: RktCommand(settings: settings, dialect: .gantry))
        let answer = try await call.json(
            ["version"], [], about: "engine \(settings.binary)", timeout: settings.queryTimeout)
        let features = Set((answer["features"]?.arrayValue ?? []).compactMap(\.stringValue))
        if !features.contains("oci-runtime") { warnOfRuntimes() }
        return GantryDialect(call: call, version: version, features: features, logger: logger)
    }
}
