import Domain
import HTTPTypes
import Hummingbird
import JSON

/// An error as HTTP tells it (RFC 9457): which object, why, and what to do.
struct Problem: Error, Sendable {
    /// An object that an ambiguous id could mean.
    struct Candidate: Sendable {
        var id: String
        var name: String
    }

    var status: HTTPResponse.Status
    /// The kind of failure in the words of the domain, or an HTTP matter's own.
    var code: String
    var detail: String
    var candidates: [Candidate] = []
    var headers: HTTPFields = [:]

    init(_ status: HTTPResponse.Status, code: String, _ detail: String, headers: HTTPFields = [:]) {
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers
    }

    /// - Parameter path: of the request.
    func response(to path: String) -> Response {
        var json = JSONText()
        write(&json, path: path)
        var headers = headers
        headers[.contentType] = "application/problem+json"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes)))
    }

    func write(_ json: inout JSONText, path: String) {
        json.object { json in
            json.member("type", "about:blank")
            json.member("title", status.reasonPhrase)
            json.member("status", number: status.code)
            json.member("detail", detail)
            json.member("instance", path)
            json.member("code", code)
            guard !candidates.isEmpty else { return }
            json.member("candidates") { json in
                json.array(candidates) { json, candidate in
                    json.object { json in
                        json.member("id", candidate.id)
                        json.member("name", candidate.name)
                    }
                }
            }
        }
    }
}

extension Problem {
    /// The one place where errors of the domain become HTTP's.
    init(_ error: DomainError) {
        let status: HTTPResponse.Status =
            switch error.code {
            case .invalidArgument: .badRequest
            case .notFound: .notFound
            case .alreadyExists, .failedPrecondition: .conflict
            case .deadlineExceeded: .gatewayTimeout
            case .cancelled, .unavailable: .serviceUnavailable
            case .resourceExhausted: .insufficientStorage
            case .permissionDenied: .forbidden
            case .unimplemented: .notImplemented
            case .internal: .internalServerError
            }
        self.init(status, code: error.code.rawValue, error.message)
    }

    /// Whatever was thrown. What nobody foresaw shows nothing of itself.
    init(any error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as DomainError: self.init(error)
        case let error as HTTPError:
            self.init(error.status, code: "http", error.body ?? error.status.reasonPhrase, headers: error.headers)
        case is CancellationError:
            self.init(.serviceUnavailable, code: "cancelled", "the request was given up, or the daemon is stopping")
        default:
            self.init(.internalServerError, code: "internal", "unexpected error; the daemon's log has it")
        }
    }
}

extension HTTPResponse.Status {
    static var insufficientStorage: HTTPResponse.Status { .init(code: 507, reasonPhrase: "Insufficient Storage") }
}
