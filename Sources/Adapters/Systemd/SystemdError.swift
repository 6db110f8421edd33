/// Why systemd did not do what it was asked.
package enum SystemdError: Error, Equatable, Sendable {
    /// No connection to the system bus, or it was lost before the answer came. The request may have been carried out.
    case disconnected(String)
    /// The answer did not come in time. The request may still be carried out.
    case deadlineExceeded(String)
    /// The calling task was cancelled. The request may still be carried out.
    case cancelled
    /// systemd knows no unit of this name.
    case noSuchUnit(String)
    /// The job ended, but not with `done`: `canceled`, `timeout`, `failed`, `dependency`, `skipped`.
    case jobEnded(unit: String, result: String)
    /// systemd (or the bus) answered with an error; `name` is its D-Bus error name.
    case refused(operation: String, name: String, message: String)
    /// An answer that does not have the documented shape.
    case unexpectedAnswer(String)
}

extension SystemdError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .disconnected(let what): "\(what): no connection to systemd on the system bus"
        case .deadlineExceeded(let what): "\(what): systemd did not answer in time"
        case .cancelled: "cancelled"
        case .noSuchUnit(let name): "systemd has no unit \(name)"
        case .jobEnded(let unit, let result): "the job of \(unit) ended with \(result)"
        case .refused(let operation, let name, let message): "\(operation): \(message) (\(name))"
        case .unexpectedAnswer(let what): "\(what): an answer of unexpected shape from systemd"
        }
    }
}
