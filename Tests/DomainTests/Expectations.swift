import Domain
import DomainFakes
import Testing

/// Expects a domain error of this code, whose message holds every one of the words.
func expectError(
    _ code: DomainError.Code, naming words: String..., at location: SourceLocation = #_sourceLocation,
    from body: () async throws -> Void
) async {
    do {
        try await body()
        Issue.record("\(code) was expected, and nothing was thrown", sourceLocation: location)
    } catch let error as DomainError {
        #expect(error.code == code, "\(error)", sourceLocation: location)
        for word in words { #expect(error.message.contains(word), "\(error)", sourceLocation: location) }
    } catch {
        Issue.record("\(error) is no domain error", sourceLocation: location)
    }
}

extension UseCases {
    /// The index is what the engine's inventory says.
    func expectTrueIndex(of node: FakeNode, at location: SourceLocation = #_sourceLocation) {
        let seen = Dictionary(uniqueKeysWithValues: listPodSandboxes().map { ($0.id, $0) })
        #expect(seen == node.engine.records.mapValues(\.pod), sourceLocation: location)
        let containers = Dictionary(uniqueKeysWithValues: listContainers().map { ($0.id, $0) })
        let truth = node.engine.records.values.flatMap(\.containers)
        #expect(containers == Dictionary(uniqueKeysWithValues: truth.map { ($0.id, $0) }), sourceLocation: location)
    }

    /// Recovers and waits for all clean-ups.
    func recovered() async throws(DomainError) {
        await recover.cleanUp(try await recover())
        await runPodSandbox.flights.drain(cancelling: false)
        await orphans.flights.drain(cancelling: false)
    }

    /// A pod and a container in it that runs.
    func runningContainer(_ name: String = "main") async throws -> (pod: PodID, container: ContainerID) {
        // Asked once in a daemon's life; out of the way of tests that look at the calls.
        _ = try await context.facts.features()
        let pod = try await runPodSandbox(.fake())
        let container = try await createContainer(.fake(name), in: pod)
        try await startContainer(container)
        return (pod, container)
    }
}

/// A place in a use-case where a port call fails or is cancelled.
struct Step: Sendable, CustomTestStringConvertible {
    var call: PortCall
    var moment: Failpoints.Moment
    var testDescription: String { "\(moment.rawValue) \(call.rawValue)" }

    static func all(_ calls: PortCall...) -> [Step] {
        calls.flatMap { call in Failpoints.Moment.allCases.map { Step(call: call, moment: $0) } }
    }
}

let broken = DomainError(.unavailable, "the failpoint says no")
