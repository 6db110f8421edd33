import ArgumentParser
import ByteText
import GantryCore
import Glibc

/// Where `gantry` begins: finds the command, runs it, and turns every failure into text and an exit code (`docs/engine.md`).
package enum CommandLineEntry {
    package static func run(_ arguments: [String]) -> Never {
        StandardStream.reserve()
        // Modes are what the code says, whoever calls.
        umask(0o022)
        // A reader that goes away is an error of the write, not a signal.
        signal(SIGPIPE, SIG_IGN)
        // Inherited as ignored it would leave no child to wait for.
        signal(SIGCHLD, SIG_DFL)
        let words = ArgumentOrder.normalized(RktWords.translated(Array(arguments.dropFirst())))
        if let refusal = ProgramArguments.refusal { exit(refuse(words, refusal)) }
        exit(Output.exitCode(run(words: words)))
    }

    static func run(words: [String]) -> Int32 {
        if let verb = PlainVerb.read(words) { return verb.run() }
        do {
            var command = try CommandWords.parse(words)
            try command.run()
            return 0
        } catch {
            return report(error, words)
        }
    }

    private static func report(_ error: any Error, _ words: [String]) -> Int32 {
        if let code = error as? ExitCode { return code.rawValue }
        let message = Gantry.fullMessage(for: error)
        if Gantry.exitCode(for: error).isSuccess {
            Output.print(message)
            return 0
        }
        Output.error(message)
        if wantsJSON(words) { Output.errorRecord(EngineError(.invalid, Gantry.message(for: error)).line) }
        return 2
    }

    private static func refuse(_ words: [String], _ refusal: String) -> Int32 {
        Output.error("Error: \(refusal)")
        if wantsJSON(words) { Output.errorRecord(EngineError(.invalid, refusal).line) }
        return 2
    }

    /// As far as that can be told of words that make no sense as a whole.
    static func wantsJSON(_ words: [String]) -> Bool {
        words.contains("--format=json") || zip(words, words.dropFirst()).contains { $0 == "--format" && $1 == "json" }
    }
}
