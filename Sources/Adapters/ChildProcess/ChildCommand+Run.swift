import Subprocess
import SystemPackage

extension ChildCommand {
    /// Runs the program to its end, in a process group of its own.
    ///
    /// At the timeout and at a cancellation the whole group gets SIGTERM, and SIGKILL two seconds later. A grandchild that keeps the
    /// output open does not keep this waiting once the program itself has ended.
    ///
    /// - Parameter errorLine: gets each line of stderr as it comes, but for those of more than 64 KiB.
    package func run(errorLine: (@Sendable ([UInt8]) -> Void)? = nil) async throws(ChildError) -> ChildResult {
        try await limited { () async throws -> ChildResult in
            try await collect(errorLine)
        }
    }

    /// Runs a program that prints lines for as long as it lives; `line` gets each. There is no time limit.
    /// - Parameter lineLimit: bytes; a longer line ends the program with `ChildError.lineTooLong`.
    /// - Returns: how it ended. Its `output` is empty.
    package func runLines(
        lineLimit: Int, _ line: @escaping @Sendable ([UInt8]) throws -> Void
    ) async throws(ChildError) -> ChildResult {
        try await translated { () async throws -> ChildResult in
            try await stream(lineLimit: lineLimit, line)
        }
    }

    private func collect(_ errorLine: (@Sendable ([UInt8]) -> Void)?) async throws -> ChildResult {
        let (outcome, output, error) = try await execute { execution in
            async let error = Self.keep(execution.standardError, .end, errorLimit, line: errorLine)
            let output = try await Self.keep(execution.standardOutput, .beginning, outputLimit)
            return (output, try await error)
        }
        return ChildResult(
            end: outcome, output: output.bytes, outputWasCut: output.wasCut, error: error.bytes,
            errorWasCut: error.wasCut)
    }

    private func stream(lineLimit: Int, _ line: @escaping @Sendable ([UInt8]) throws -> Void) async throws
        -> ChildResult
    {
        let (outcome, _, error) = try await execute { execution in
            async let error = Self.keep(execution.standardError, .end, errorLimit)
            var splitter = LineSplitter(limit: lineLimit)
            for try await chunk in execution.standardOutput {
                var lines: [[UInt8]] = []
                let fits = chunk.withUnsafeBytes { bytes in splitter.feed(bytes) { lines.append($0) } }
                for complete in lines { try line(complete) }
                guard fits else { throw ChildError.lineTooLong(program: executable, limit: lineLimit) }
            }
            return (OutputKeeper(.beginning, limit: 0), try await error)
        }
        return ChildResult(
            end: outcome, output: [], outputWasCut: false, error: error.bytes, errorWasCut: error.wasCut)
    }

    private static func keep(
        _ sequence: SubprocessOutputSequence, _ part: OutputKeeper.Part, _ limit: Int,
        line: (@Sendable ([UInt8]) -> Void)? = nil
    ) async throws -> OutputKeeper {
        var keeper = OutputKeeper(part, limit: limit)
        var splitter = LineSplitter(limit: 64 << 10)
        for try await chunk in sequence {
            chunk.withUnsafeBytes { bytes in
                keeper.take(bytes)
                if let line, !splitter.feed(bytes, line) { splitter = LineSplitter(limit: 64 << 10) }
            }
        }
        keeper.finish()
        return keeper
    }
}
