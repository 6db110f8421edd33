import ByteText
import Domain

/// What a failed `image fetch` of rkt 1.30 comes to. It has one exit code for whatever is wrong; the only thing that tells is the last line that it writes, of which
/// its own fixed words alone are read: what a registry says is in none of them. Another line tells nothing.
enum RktFetchFailure: Equatable {
    /// The registry has no such image: asked for it, it said 404, and it is none of the first version of the interface.
    case notFound
    /// The registry wants credentials, or others.
    case unauthorized
    /// The registry could not be asked, or had an answer that says that it cannot answer.
    case unreachable
    case unknown

    init(lastLine line: String) {
        guard let text = line.without(prefix: "fetch: ") else {
            self = .unknown
            return
        }
        if text.isSame(as: "attempted fallback to API v1 but not supported") {
            self = .notFound
        } else if text.isSame(as: "unable to retrieve auth token: 401 unauthorized") {
            self = .unauthorized
        } else if let code = text.without(prefix: "Unexpected HTTP code: ").flatMap({ Int(digits: $0.upTo(",")) }) {
            self.init(status: code)
        } else if text.begins(with: "Get \"https://") {
            // The words of Go's HTTP client: no answer came.
            self = .unreachable
        } else {
            self = .unknown
        }
    }

    private init(status: Int) {
        switch status {
        case 401, 403: self = .unauthorized
        case 404: self = .notFound
        case 429, 500...: self = .unreachable
        default: self = .unknown
        }
    }

    /// - Parameter message: with rkt's own line.
    func error(_ message: String) -> DomainError {
        switch self {
        case .notFound: DomainError(.notFound, "\(message) (the registry has no such image)")
        case .unauthorized: DomainError(.permissionDenied, "\(message) (rkt takes credentials from /etc/rkt/auth.d)")
        // The kubelet knows this prefix.
        case .unreachable: DomainError(.unavailable, "RegistryUnavailable: \(message)")
        // That the registry were not to be reached would be a guess.
        case .unknown: DomainError(.unavailable, message)
        }
    }
}
