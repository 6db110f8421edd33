/// Takes away what is on the node of a pod that nobody answers for: a unit, a record, or both.
///
/// What must always hold: one removal per pod however often it is found; a pod that the index knows is none of it.
package struct RemoveOrphan: Sendable {
    package let flights = InFlight<PodID, Bool, Bool>(whenAbandoned: .finish)
    private let context: UseCases.Context

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// Begins, unless it has begun already, and does not wait.
    func begin(_ id: PodID) {
        flights.occupy(id, request: true) { () throws(DomainError) in try await remove(id) }
    }

    private func remove(_ id: PodID) async throws(DomainError) -> Bool {
        // Found a moment ago; by now it may be somebody's.
        guard context.index.disown(id) else { return false }
        let cause = DomainError(.internal, "nobody answers for it")
        guard await context.undo(ofPod: id).run(because: cause).isEmpty else { return false }
        context.index.remove(id)
        context.ports.diagnostics.note(
            "what was left of a pod that nobody answers for was removed", ["pod": id.rawValue])
        return true
    }
}
