/// What has to be taken back when an operation does not come to its end.
///
/// What must always hold: it runs in a task of its own, so that neither the caller's cancellation nor its deadline reaches it; each step
/// has a budget of its own; a failing step is reported and the next one is tried all the same, except for one that says it would
/// destroy what a failed step still needs.
package struct Undo: Sendable {
    /// A step's dealings with the failure of an earlier one.
    package enum Condition: Sendable {
        case always
        /// Left out when a step before it failed.
        case unlessFailed
    }

    private struct Step: Sendable {
        let name: String
        let condition: Condition
        let action: @Sendable () async throws(DomainError) -> Void
    }

    private let object: String
    private let budget: TimeBudget
    private let diagnostics: any Diagnostics
    private var steps: [Step] = []

    /// - Parameter object: what is undone, for the reports: `pod 3f2c…`.
    package init(of object: String, budget: TimeBudget, diagnostics: any Diagnostics) {
        self.object = object
        self.budget = budget
        self.diagnostics = diagnostics
    }

    /// Adds a step; the last one added is undone first.
    package mutating func register(
        _ name: String, _ condition: Condition = .always,
        _ action: @escaping @Sendable () async throws(DomainError) -> Void
    ) {
        steps.append(Step(name: name, condition: condition, action: action))
    }

    /// Undoes everything that can be undone.
    ///
    /// - Returns: why something is left; empty when nothing is.
    package func run(because cause: DomainError) async -> [DomainError] {
        await Task { await runSteps(because: cause) }.value
    }

    private func runSteps(because cause: DomainError) async -> [DomainError] {
        var failures: [DomainError] = []
        for step in steps.reversed() {
            if step.condition == .unlessFailed, !failures.isEmpty { continue }
            do throws(DomainError) {
                try await budget.run("\(object): undo: \(step.name)", step.action)
            } catch {
                failures.append(error)
                diagnostics.warning(
                    "an undo step failed",
                    ["object": object, "step": step.name, "error": error.message, "cause": cause.message])
            }
        }
        return failures
    }
}
