import GantryCore

/// What a command does, apart from how its arguments are read. The verbs on the path of a pod's start are read twice: by
/// ArgumentParser for people, and by `PlainArguments`, in a fraction of the time, for programs.
protocol Verb {
    /// The word that begins an error line.
    static var title: String { get }
    /// The exit code of a failure: 254, but for what rkt lets fail with 1.
    static var failureCode: Int32 { get }

    /// Whether it keeps the OOM score that it was started with: the supervisor's, as its unit says.
    static var keepsOOMScore: Bool { get }

    var context: EngineContext { get }

    func perform() throws(EngineError)
}

extension Verb {
    static var failureCode: Int32 { 254 }
    static var keepsOOMScore: Bool { false }

    /// - Returns: the exit code; a failure has been reported.
    func run() -> Int32 {
        if !Self.keepsOOMScore { OOMScore.becomeOrdinary() }
        do throws(EngineError) {
            try PrivateDirectories.close(dir: context.dir, runDir: context.runDir)
            try perform()
            return 0
        } catch {
            Output.report(error, title: Self.title, format: context.format)
            return Self.failureCode
        }
    }
}
