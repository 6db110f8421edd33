import Glibc
import Subprocess
import Synchronization
import SystemPackage

extension ChildCommand {
    typealias Running<Input: InputProtocol> = Execution<Input, SequenceOutput, SequenceOutput>

    /// What both kinds of run share: the spawn itself.
    func execute(
        _ body: (ChildStreams) async throws -> (OutputKeeper, OutputKeeper)
    ) async throws -> (ChildResult.End, OutputKeeper, OutputKeeper) {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(2))
        ]
        let configuration = Configuration(
            executable: .path(FilePath(executable)), arguments: Arguments(arguments),
            environment: .custom(
                Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) })
            ),
            workingDirectory: "/", platformOptions: options)

        // What the program started and left behind in its group dies with it, whoever of them ignored SIGTERM.
        let group = Mutex<pid_t>(0)
        var ended = false
        defer {
            let leader = group.withLock { $0 }
            if !ended || Task.isCancelled, leader > 1 { kill(-leader, SIGKILL) }
        }
        guard input != nil || inputDescriptor != nil else {
            let result = try await Subprocess.run(configuration, input: .none, output: .sequence, error: .sequence) {
                execution in
                group.withLock { $0 = execution.processIdentifier.value }
                InheritedScore.takeFrom(execution.processIdentifier.value)
                return try await body(
                    ChildStreams(
                        standardOutput: execution.standardOutput, standardError: execution.standardError))
            }
            ended = true
            return (Self.end(result.terminationStatus), result.closureResult.0, result.closureResult.1)
        }
        let given = inputDescriptor.map(FileDescriptor.init(rawValue:))
        let descriptor = try given ?? ChildInput.descriptor(holding: input ?? [])
        let result = try await Subprocess.run(
            configuration, input: .fileDescriptor(descriptor, closeAfterSpawningProcess: given == nil),
            output: .sequence, error: .sequence
        ) { execution in
            group.withLock { $0 = execution.processIdentifier.value }
            InheritedScore.takeFrom(execution.processIdentifier.value)
            return try await body(
                ChildStreams(standardOutput: execution.standardOutput, standardError: execution.standardError))
        }
        ended = true
        return (Self.end(result.terminationStatus), result.closureResult.0, result.closureResult.1)
    }

    private static func end(_ status: TerminationStatus) -> ChildResult.End {
        switch status {
        case .exited(let code): .code(code)
        case .signaled(let signal): .signal(signal)
        }
    }

    /// Applies the timeout, and tells it apart from a cancellation.
    func limited(_ body: @escaping @Sendable () async throws -> ChildResult) async throws(ChildError) -> ChildResult {
        guard let timeout else { return try await translated(body) }
        let outcome: Result<ChildResult?, ChildError> = await withTaskGroup(of: Result<ChildResult?, ChildError>.self) {
            group in
            group.addTask {
                do throws(ChildError) { return .success(try await self.translated(body)) } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                do {
                    try await Task.sleep(for: timeout)
                    return .success(nil)
                } catch {
                    return .failure(.cancelled(program: self.executable))
                }
            }
            let first = await group.next() ?? .failure(.cancelled(program: self.executable))
            group.cancelAll()
            // The program is torn down before this returns.
            await group.waitForAll()
            return first
        }
        guard let result = try outcome.get() else { throw .timedOut(program: executable, after: timeout) }
        return result
    }

    func translated(_ body: () async throws -> ChildResult) async throws(ChildError) -> ChildResult {
        do {
            let result = try await body()
            // What was killed on the caller's behalf did not fail by itself.
            if Task.isCancelled, !result.succeeded { throw ChildError.cancelled(program: executable) }
            return result
        } catch let error as ChildError {
            throw error
        } catch  where Task.isCancelled {
            throw .cancelled(program: executable)
        } catch let error as SubprocessError {
            let reason = error.underlyingError.map { "\($0)" } ?? "\(error)"
            switch error.code {
            case .spawnFailed, .executableNotFound: throw .notStarted(program: executable, reason: reason)
            default: throw .lost(program: executable, reason: reason)
            }
        } catch {
            throw .lost(program: executable, reason: "\(error)")
        }
    }
}

/// The two outputs of a program that runs.
struct ChildStreams: Sendable {
    let standardOutput: SubprocessOutputSequence
    let standardError: SubprocessOutputSequence
}
