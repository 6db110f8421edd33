import ChildProcess
import Domain
import Systemd

extension DomainError {
    init(_ error: SystemdError, about object: String) {
        let code: Code =
            switch error {
            case .disconnected: .unavailable
            case .deadlineExceeded: .deadlineExceeded
            case .cancelled: .cancelled
            case .noSuchUnit: .notFound
            case .jobEnded, .refused: .unavailable
            case .unexpectedAnswer: .internal
            }
        self.init(code, "\(object): \(error)")
    }

    init(_ error: ChildError, about object: String) {
        let code: Code =
            switch error {
            case .notStarted: .unavailable
            case .timedOut: .deadlineExceeded
            case .cancelled: .cancelled
            case .lost, .lineTooLong: .internal
            }
        self.init(code, "\(object): \(error)")
    }
}
