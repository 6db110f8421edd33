import GantryCore

/// Does the same to several things, and goes on past one that fails.
enum EachOperand {
    /// - Throws: the last failure; those before it have been printed.
    static func run(
        _ operands: [String], title: String, _ body: (String) throws(EngineError) -> Void
    ) throws(EngineError) {
        var failure: EngineError?
        for operand in operands {
            do throws(EngineError) {
                try body(operand)
            } catch {
                if let failure { Output.error("\(title): \(failure.message)") }
                failure = error
            }
        }
        if let failure { throw failure }
    }
}
