import ArgumentParser
import GantryCore

/// A command of the engine: its failures are `EngineError`s, printed as `docs/engine.md` says.
protocol EngineCommand: ParsableCommand {
    var globals: GlobalOptions { get }
    var outputFormat: OutputFormat { get }

    /// The exit code of a failure: 254, but for what rkt lets fail with 1.
    static var failureCode: Int32 { get }

    func perform() throws(EngineError)
}

extension EngineCommand {
    static var failureCode: Int32 { 254 }

    var outputFormat: OutputFormat { .table }

    func run() throws {
        OOMScore.becomeOrdinary()
        do throws(EngineError) {
            try PrivateDirectories.close(dir: globals.dir, runDir: globals.runDir)
            try perform()
        } catch {
            Self.report(error, format: outputFormat)
            throw ExitCode(Self.failureCode)
        }
    }

    static func report(_ error: EngineError, format: OutputFormat) {
        Output.report(error, title: configuration.commandName ?? _commandName, format: format)
    }
}
