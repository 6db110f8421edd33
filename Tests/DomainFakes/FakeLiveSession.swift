import Domain
import Glibc
import Synchronization

/// A session whose container's side is in the test's hands.
package final class FakeLiveSession: LiveSession {
    package let ends: SessionEnds
    /// The container's own ends, blocking: `input` to read from, the others to write to. Closed by ``finish(_:)`` and ``fail(_:)``.
    package let far: SessionEnds

    private struct State {
        var sizes: [TerminalSize] = []
        var isCancelled = false
        var outcome: Result<Int32, DomainError>?
        var waiters: [Int: CheckedContinuation<Result<Int32, DomainError>, Never>] = [:]
        var next = 0
    }

    private let isAttached: Bool
    private let isTerminal: Bool
    private let state = Mutex(State())

    init(_ streams: SessionStreams, isAttached: Bool) throws(DomainError) {
        self.isAttached = isAttached
        isTerminal = streams.terminal != .none
        switch streams.terminal {
        case .sized(let size):
            let (master, slave) = try FakeDescriptors.terminal(size)
            ends = SessionEnds(
                input: streams.stdin ? FakeDescriptors.copy(master) : nil, output: master)
            far = SessionEnds(input: slave, output: FakeDescriptors.copy(slave))
            if let size { state.withLock { $0.sizes = [size] } }
        case .none:
            let input = streams.stdin ? try FakeDescriptors.pipe(ours: .writer) : nil
            let output = streams.stdout ? try FakeDescriptors.pipe(ours: .reader) : nil
            let errors = streams.stderr ? try FakeDescriptors.pipe(ours: .reader) : nil
            ends = SessionEnds(input: input?.ours, output: output?.ours, errors: errors?.ours)
            far = SessionEnds(input: input?.far, output: output?.far, errors: errors?.far)
        }
    }

    /// The sizes that the terminal was given, in order; the first is what it began with.
    package var sizes: [TerminalSize] { state.withLock { $0.sizes } }
    package var isCancelled: Bool { state.withLock { $0.isCancelled } }
    package var isOver: Bool { state.withLock { $0.outcome != nil } }

    // MARK: The port

    package func resize(to size: TerminalSize) {
        state.withLock { state in
            guard state.outcome == nil, isTerminal else { return }
            guard FakeDescriptors.resize(ends.output ?? -1, size) else { return }
            state.sizes.append(size)
        }
    }

    package func outcome() async throws(DomainError) -> Int32 {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let known = state.withLock { state -> Result<Int32, DomainError>? in
                    if let outcome = state.outcome { return outcome }
                    if Task.isCancelled { return .failure(Self.left) }
                    state.waiters[number] = waiter
                    return nil
                }
                if let known { waiter.resume(returning: known) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume(returning: .failure(Self.left))
        }
        return try result.get()
    }

    private static let left = DomainError(.cancelled, "the session's end is no longer waited for")

    package func cancel() {
        state.withLock { $0.isCancelled = true }
        end(.success(isAttached ? 0 : 137))
    }

    // MARK: The container's side

    /// The command ends, or the container.
    package func finish(_ code: Int32) { end(.success(code)) }

    /// The engine fails.
    package func fail(_ error: DomainError) { end(.failure(error)) }

    private func end(_ outcome: Result<Int32, DomainError>) {
        let waiters = state.withLock { state -> [CheckedContinuation<Result<Int32, DomainError>, Never>]? in
            guard state.outcome == nil else { return nil }
            state.outcome = outcome
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        guard let waiters else { return }
        for end in [far.input, far.output, far.errors] { if let end { close(end) } }
        for waiter in waiters { waiter.resume(returning: outcome) }
    }

    /// Of a call that failed after all: nobody has its ends.
    func abandon() {
        cancel()
        for end in [ends.input, ends.output, ends.errors] { if let end { close(end) } }
    }

    func play(_ command: [String]) {
        switch command.first {
        case "true": finish(0)
        case "false": finish(1)
        case "echo":
            let line = command.dropFirst().joined(separator: " ") + "\n"
            if let output = far.output { FakeDescriptors.write(line, output) }
            finish(0)
        case "sh" where command.count == 3 && command[1] == "-c" && command[2].hasPrefix("exit "):
            finish(Int32(command[2].dropFirst(5)) ?? 2)
        case "cat":
            guard let input = far.input, let output = far.output else { return finish(0) }
            FakeDescriptors.onThread {
                FakeDescriptors.carry(input, output)
                self.finish(0)
            }
        default: break
        }
    }
}
