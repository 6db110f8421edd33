import Domain
import JSON

/// How a session ended, as its client reads it on the error stream.
enum SessionOutcome: Equatable {
    case exited(Int32)
    case failed(DomainError)

    /// A `metav1.Status` in JSON: what `v4.channel.k8s.io` and later end with.
    var status: [UInt8] {
        var text = JSONText()
        text.object { text in
            text.member("metadata") { $0.object { _ in } }
            switch self {
            case .exited(0):
                text.member("status", "Success")
            case .exited(let code):
                text.member("status", "Failure")
                text.member("message", message)
                text.member("reason", "NonZeroExitCode")
                text.member("details") { text in
                    text.object { Self.causes(&$0, reason: "ExitCode", message: "\(code)") }
                }
            case .failed(let error):
                let (reason, code) = error.code.asStatus
                text.member("status", "Failure")
                text.member("message", code == 500 ? "Internal error occurred: \(message)" : message)
                text.member("reason", reason)
                text.member("details") { text in text.object { Self.causes(&$0, reason: nil, message: message) } }
                text.member("code", number: code)
            }
        }
        return text.take()
    }

    /// What earlier protocols end with: nothing when all is well.
    var plainText: [UInt8] { self == .exited(0) ? [] : Array(message.utf8) }

    private var message: String {
        switch self {
        case .exited(let code): "command terminated with non-zero exit code: exit code \(code)"
        case .failed(let error): error.message
        }
    }

    private static func causes(_ text: inout JSONText, reason: String?, message: String) {
        text.member("causes") { text in
            text.array([message]) { text, message in
                text.object { text in
                    if let reason { text.member("reason", reason) }
                    text.member("message", message)
                }
            }
        }
    }
}

extension DomainError.Code {
    /// The `reason` and `code` of a `metav1.Status`.
    fileprivate var asStatus: (reason: String, code: Int) {
        switch self {
        case .invalidArgument: ("BadRequest", 400)
        case .permissionDenied: ("Forbidden", 403)
        case .notFound: ("NotFound", 404)
        case .alreadyExists, .failedPrecondition: ("Conflict", 409)
        case .resourceExhausted: ("TooManyRequests", 429)
        case .cancelled, .unavailable: ("ServiceUnavailable", 503)
        case .deadlineExceeded: ("Timeout", 504)
        case .unimplemented, .internal: ("InternalError", 500)
        }
    }
}
