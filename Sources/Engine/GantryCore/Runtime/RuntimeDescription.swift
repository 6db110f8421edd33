import ByteText
import JSON

/// What an OCI runtime says of itself.
package struct RuntimeDescription {
    /// `crun`, `runc`: the first word of its version.
    package let name: String
    /// `1.8.1`.
    package let version: String
    /// What its verb `features` prints (OCI runtime specification, features.md); nil: it has no such verb.
    let features: JSON?
    /// Whether its version says that it was built with CRIU, as crun's does.
    private let isBuiltWithCRIU: Bool

    /// Of something that is read, one that takes longer hangs.
    private static let timeout: Int64 = 10_000_000_000

    /// Asks the program.
    ///
    /// - Throws: `unavailable` where there is none, or what is there does not answer as a runtime does.
    package init(asking executable: String) throws(EngineError) {
        let told = try Self.told(by: executable)
        (name, version) = told.version
        isBuiltWithCRIU = Self.hasCRIU(told.text)
        features = try Self.ask(executable, "features").flatMap { try? JSON(parsing: $0) }
    }

    /// - Parameters:
    ///   - version: what `--version` prints.
    ///   - features: what `features` prints.
    init?(version text: String, features: String?) {
        guard let found = Self.version(in: text) else { return nil }
        (name, version) = found
        isBuiltWithCRIU = Self.hasCRIU(text)
        self.features = features.flatMap { try? JSON(parsing: $0) }
    }

    /// Whether a mount can be made read-only with all that is mounted below it: the option `rro`.
    var hasRecursiveReadOnly: Bool {
        if let options = features?["mountOptions"]?.arrayValue { return options.contains { $0.stringValue == "rro" } }
        return isCrun(since: (1, 4))
    }

    /// Whether a mount can show other ids than those of the files: the option `idmap`, which volumes of pods with user namespaces need.
    var mapsMounts: Bool {
        if let told = features?["linux"]?["mountExtensions"]?["idmap"]?["enabled"]?.boolValue { return told }
        return isCrun(since: (1, 0))
    }

    /// Whether it has the verbs `checkpoint` and `restore`.
    var canCheckpoint: Bool {
        for key in ["org.opencontainers.runc.checkpoint.enabled", "run.oci.crun.checkpoint.enabled"] {
            if let told = features?["annotations"]?[key]?.stringValue { return told.isSame(as: "true") }
        }
        return isBuiltWithCRIU
    }

    private static func hasCRIU(_ version: String) -> Bool {
        version.words(at: "\n").contains { $0.words(at: " ").contains { $0.isSame(as: "+CRIU") } }
    }

    private func isCrun(since wanted: (Int, Int)) -> Bool { name == "crun" && Self.numbers(version) >= wanted }

    /// The first two.
    static func numbers(_ text: String) -> (Int, Int) {
        let numbers = text.digitRuns.prefix(2).map { Int(digits: $0) ?? 0 }
        return (numbers.first ?? 0, numbers.dropFirst().first ?? 0)
    }

    /// The same without its features.
    static func version(of executable: String) throws(EngineError) -> (name: String, version: String) {
        try told(by: executable).version
    }

    private static func told(by executable: String) throws(EngineError) -> (version: (String, String), text: String) {
        guard let answer = try ask(executable, "--version"), let found = version(in: answer) else {
            throw EngineError(
                .unavailable,
                "\(executable): \"--version\" does not answer \"NAME version NUMBER\": is this an OCI runtime?")
        }
        return (found, answer)
    }

    private static func version(in text: String) -> (String, String)? {
        for line in text.words(at: "\n") {
            let words = line.words(at: " ")
            if words.count >= 3, words[1].isSame(as: "version") { return (String(words[0]), String(words[2])) }
        }
        return nil
    }

    /// - Returns: nil: it failed.
    private static func ask(_ executable: String, _ word: String) throws(EngineError) -> String? {
        var command = Command(ProcessRequest(executable, [String(executable.lastPathComponent), word]))
        command.timeout = timeout
        let outcome: Command.Outcome
        do throws(EngineError) {
            outcome = try command.run()
        } catch {
            throw EngineError(.unavailable, "the OCI runtime \(executable) cannot be executed: \(error.message)")
        }
        guard outcome.status?.isSuccess == true else { return nil }
        return String(decoding: outcome.output, as: UTF8.self)
    }
}
