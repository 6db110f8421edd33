import ArgumentParser

/// A command whose work is a `Verb`.
protocol VerbCommand: ParsableCommand {
    associatedtype Work: Verb

    var verb: Work { get }
}

extension VerbCommand {
    func run() throws {
        let code = verb.run()
        if code != 0 { throw ExitCode(code) }
    }
}
