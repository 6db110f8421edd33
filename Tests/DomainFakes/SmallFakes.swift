import Domain
import Synchronization

/// A time of day that goes on by a microsecond with each reading.
package final class FakeWallClock: WallClock {
    private let last = Mutex<Int64>(1_700_000_000_000_000_000)
    package init() {}
    package func now() -> Timestamp {
        last.withLock { last in
            last += 1000
            return Timestamp(nanoseconds: last)
        }
    }
}

/// Ids in a row: 1, 2, 3, … in 64 digits.
package final class FakeIDs: IDs {
    private let last = Mutex<UInt64>(0)
    package init() {}
    package func newPodID() -> PodID { next(in: "a") }
    package func newContainerID() -> ContainerID { next(in: "c") }

    private func next<Kind>(in family: String) -> ObjectID<Kind> {
        let number = last.withLock { last in
            last += 1
            return last
        }
        return .fake(number, family)
    }
}

extension ObjectID {
    /// A readable id: the family's letter (a...f), zeros, and the number.
    package static func fake(_ number: UInt64, _ family: String = "f") -> ObjectID {
        let digits = String(number, radix: 16)
        guard let id = ObjectID(family + String(repeating: "0", count: 63 - digits.count) + digits) else {
            preconditionFailure("\(family) is no hexadecimal digit")
        }
        return id
    }
}

/// Keeps what use-cases told of.
package final class FakeDiagnostics: Diagnostics {
    package struct Entry: Sendable, Hashable {
        package var message: String
        package var fields: [String: String]
    }

    private let state = Mutex<(notes: [Entry], warnings: [Entry])>(([], []))
    package init() {}

    package func note(_ message: String, _ fields: [String: String]) {
        state.withLock { $0.notes.append(Entry(message: message, fields: fields)) }
    }

    package func warning(_ message: String, _ fields: [String: String]) {
        state.withLock { $0.warnings.append(Entry(message: message, fields: fields)) }
    }

    package func forget() { state.withLock { $0 = ([], []) } }

    package var notes: [Entry] { state.withLock { $0.notes } }
    package var warnings: [Entry] { state.withLock { $0.warnings } }
}

/// A network that is ready, or not, as told.
package final class FakeNetwork: NetworkStatus {
    private let state = Mutex<(condition: RuntimeCondition, cidrs: [String])>(
        (RuntimeCondition(type: "NetworkReady", status: true), []))
    private let failpoints: Failpoints

    package init(failpoints: Failpoints = Failpoints()) {
        self.failpoints = failpoints
    }

    package func become(_ condition: RuntimeCondition) { state.withLock { $0.condition = condition } }

    package var cidrs: [String] { state.withLock { $0.cidrs } }

    package func condition() async -> RuntimeCondition { state.withLock { $0.condition } }

    package func podCIDRChanged(_ cidr: String) async throws(DomainError) {
        try await failpoints.enter(.networkPodCIDR)
        state.withLock { $0.cidrs.append(cidr) }
        try await failpoints.leave(.networkPodCIDR)
    }
}

/// Commands that print themselves and end with code 0; `exit N` ends with N; `hang` ends at the timeout.
package final class FakeExecSessions: ExecSessions {
    package struct Call: Sendable, Hashable {
        package var command: [String]
        package var container: ContainerID
        package var pod: PodID
        package var timeout: Duration?
        package var outputLimit: Int

        package init(command: [String], container: ContainerID, pod: PodID, timeout: Duration?, outputLimit: Int) {
            self.command = command
            self.container = container
            self.pod = pod
            self.timeout = timeout
            self.outputLimit = outputLimit
        }
    }

    private let state = Mutex<[Call]>([])
    private let failpoints: Failpoints

    package init(failpoints: Failpoints = Failpoints()) {
        self.failpoints = failpoints
    }

    package var calls: [Call] { state.withLock { $0 } }

    package func execSync(
        _ command: [String], in container: ContainerID, of pod: PodID, timeout: Duration?, outputLimit: Int
    ) async throws(DomainError) -> ExecResult {
        try await failpoints.enter(.execSync)
        state.withLock {
            $0.append(
                Call(command: command, container: container, pod: pod, timeout: timeout, outputLimit: outputLimit))
        }
        if command == ["hang"], let timeout {
            throw DomainError(.deadlineExceeded, "command hang in container \(container) took longer than \(timeout)")
        }
        let exitCode = command.first == "exit" ? command.dropFirst().first.flatMap { Int32($0) } ?? 0 : 0
        let output = Array(command.joined(separator: " ").utf8.prefix(outputLimit))
        try await failpoints.leave(.execSync)
        return ExecResult(stdout: output, stderr: [], exitCode: exitCode)
    }
}
