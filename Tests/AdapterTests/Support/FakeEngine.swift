import ChildProcess
import Domain
import Glibc
import Logging
import Testing

@testable import RktCLI

/// A directory with an engine in it that answers what the test says, see `fake-engine`.
final class FakeEngine: Sendable {
    let directory: TemporaryDirectory
    var binary: String { directory.path + "/engine" }

    init() throws {
        directory = try TemporaryDirectory()
        let script = String(#filePath.dropLast("FakeEngine.swift".count)) + "fake-engine"
        try #require(symlink(script, directory.path + "/engine") == 0)
    }

    static func gantry(features: [String] = ["events", "stop-timeout", "config-stdin"]) throws -> FakeEngine {
        let engine = try FakeEngine()
        let words = features.map { "\"\($0)\"" }.joined(separator: ",")
        try engine.write(
            "version.run",
            """
            case "$*" in
            version) echo "gantry Version: 0.1.0" ;;
            *) echo '{"name":"gantry","version":"0.1.0","protocol":1,"features":[\(words)]}' ;;
            esac
            """)
        return engine
    }

    static func rkt() throws -> FakeEngine {
        let engine = try FakeEngine()
        try engine.write(
            "version.out",
            "rkt Version: 1.30.0\nappc Version: 0.8.11\nGo Version: go1.19.8\nGo OS/Arch: linux/amd64\nFeatures: -TPM +SDJOURNAL\n"
        )
        try engine.write(
            "image-cat-manifest.out",
            #"{"acKind":"ImageManifest","app":{"exec":["/bin/sh"],"user":"0","group":"0"},"annotations":[]}"#)
        return engine
    }

    func write(_ name: String, _ text: String) throws { try directory.write(name, text) }

    func answer(_ words: String, _ output: String = "", error: String = "", code: Int32 = 0) throws {
        try write(words + ".out", output)
        try write(words + ".err", error)
        try write(words + ".code", String(code))
    }

    func fail(_ words: String, _ code: String, _ message: String) throws {
        try answer(
            words, error: "gantry: \(message)\n{\"error\":{\"code\":\"\(code)\",\"message\":\"\(message)\"}}\n",
            code: 254)
    }

    /// The arguments of the calls of a command.
    func calls(_ words: String) -> [[String]] {
        files(words, ".args").map {
            $0.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        }
    }

    func inputs(_ words: String) -> [String] { files(words, ".in") }
    func environments(_ words: String) -> [String] { files(words, ".env") }

    private func files(_ words: String, _ ending: String) -> [String] {
        directory.names("calls").filter { $0.hasPrefix(words + ".") && $0.hasSuffix(ending) }
            .compactMap { directory.text("calls/" + $0) }
    }

    func settings(_ change: (inout EngineSettings) -> Void = { _ in }) -> EngineSettings {
        var settings = EngineSettings(binary: binary)
        settings.dataDirectory = directory.path + "/data"
        settings.runDirectory = directory.path + "/run"
        settings.eventsBackoff = .milliseconds(1)
        settings.pollInterval = .milliseconds(1)
        change(&settings)
        return settings
    }

    func engine(
        surroundings: EngineSurroundings = EngineSurroundings(), _ change: (inout EngineSettings) -> Void = { _ in }
    ) -> RktCLIEngine {
        RktCLIEngine(
            settings: settings(change), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            surroundings: surroundings)
    }
}
