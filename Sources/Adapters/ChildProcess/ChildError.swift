/// Why a program has no result. Its own failure is not one of these: that is in the result.
package enum ChildError: Error, Equatable, Sendable {
    /// It could not be started; the text says why.
    case notStarted(program: String, reason: String)
    /// It took longer than it was given, and was killed with its process group.
    case timedOut(program: String, after: Duration)
    /// The calling task was cancelled; the program was killed with its process group.
    case cancelled(program: String)
    /// Reading from it or waiting for it failed.
    case lost(program: String, reason: String)
    /// A line of its output is longer than it may be.
    case lineTooLong(program: String, limit: Int)
}

extension ChildError: CustomStringConvertible {
    package var isTimeout: Bool { if case .timedOut = self { true } else { false } }

    package var description: String {
        switch self {
        case .notStarted(let program, let reason): "\(program) cannot be run: \(reason)"
        case .timedOut(let program, let after): "\(program) did not finish within \(after) and was killed"
        case .cancelled(let program): "\(program) was killed, since the caller went away"
        case .lost(let program, let reason): "\(program): \(reason)"
        case .lineTooLong(let program, let limit): "\(program) printed a line of more than \(limit) bytes"
        }
    }
}
