import ByteText
import Domain
import JSON
import Logging
import Synchronization

/// What the engine can do with other OCI runtimes than its own choice, by their paths; asked once.
final class KnownRuntimes: Sendable {
    private let known = Mutex<[String: Set<String>]>([:])

    /// - Parameter ask: nil: it could not be asked, and is the next time.
    func features(of path: String, _ ask: () async -> Set<String>?) async -> Set<String> {
        if let features = known.withLock({ $0[path] }) { return features }
        guard let features = await ask() else { return [] }
        known.withLock { $0[path] = features }
        return features
    }
}

extension GantryDialect {
    func handlers() async -> [RuntimeHandler] {
        let runtimes = runtimes
        var handlers: [RuntimeHandler] = []
        for name in ["", RuntimeHandler.defaultName] + runtimes.keys.sorted(by: { $0.precedes($1) })
        where handlers.allSatisfy({ !$0.name.isSame(as: name) }) {
            let words =
                if let path = runtimes[Self.key(name)] { await features(with: path) } else { self.words }
            handlers.append(
                RuntimeHandler(
                    name: name, recursiveReadOnlyMounts: words.contains("recursive-read-only"),
                    userNamespaces: words.contains("user-namespaces")))
        }
        return handlers
    }

    /// The option of `app sandbox` for the runtime of a handler; none for the engine's own choice.
    func runtimeOption(of handler: String) throws(DomainError) -> [String] {
        if let path = runtimes[Self.key(handler)] { return ["--oci-runtime=\(path)"] }
        guard handler.isEmpty || handler.isSame(as: RuntimeHandler.defaultName) else {
            throw DomainError(.invalidArgument, "runtime_handler: \"\(handler)\" is not configured any more")
        }
        return []
    }

    /// Paths by the handlers' names. The default handler's is the one by its name.
    private var runtimes: [String: String] { words.contains("oci-runtime") ? settings.changeable().runtimes : [:] }

    private static func key(_ handler: String) -> String { handler.isEmpty ? RuntimeHandler.defaultName : handler }

    private func features(with path: String) async -> Set<String> {
        await knownRuntimes.features(of: path) {
            do throws(DomainError) {
                let answer = try await call.json(
                    ["version"], ["--oci-runtime=\(path)"], about: "OCI runtime \(path)", timeout: settings.queryTimeout
                )
                return Set((answer["features"]?.arrayValue ?? []).compactMap(\.stringValue))
            } catch {
                logger.warning(
                    "an OCI runtime of the configuration does not answer: pods that ask for it will fail",
                    metadata: ["runtime": "\(path)", "error": "\(error.message)"])
                return nil
            }
        }
    }
}
