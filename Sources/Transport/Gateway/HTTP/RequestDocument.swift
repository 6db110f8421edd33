import ByteText
import Domain
import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import Synchronization

/// The body of a request as a JSON value: JSON, or YAML of the kind that crictl reads.
enum RequestDocument {
    /// A pod with all its annotations is below 1 MiB in any API server.
    /// Nor does one have more than thousands of values: each costs hundreds of bytes of memory, of the text only two or three.
    static let limits = JSONLimits(maximumDepth: 32, maximumSize: 2 << 20, maximumValues: 100_000)
    private static let patience: Duration = .seconds(20)

    /// - Throws: a problem: 413, 415, 408, 503, or 400 with line and column.
    static func read(_ request: Request) async throws -> JSON {
        let body = try await body(of: request)
        guard !body.isEmpty else { throw Problem(.badRequest, code: "invalidArgument", "the request needs a body") }
        return try await parse(body, request.headers[.contentType])
    }

    /// The same, for requests that may go without a body: an empty object.
    static func readIfPresent(_ request: Request) async throws -> JSON {
        let body = try await body(of: request)
        return body.isEmpty ? .object([:]) : try await parse(body, request.headers[.contentType])
    }

    private static func parse(_ body: HeldBody, _ contentType: String?) async throws -> JSON {
        let type = (contentType ?? "").upTo(";").trimmed.lowercasedASCII
        if type.isSame(as: "application/json") {
            return try await ParserThreads.run(size: body.count) {
                let bytes = try body.take()
                do throws(JSONError) {
                    return try JSON(parsing: bytes, limits: limits)
                } catch {
                    throw Problem(.badRequest, code: "malformed", error.description)
                }
            }
        }
        if ["application/yaml", "application/x-yaml", "text/yaml"].has(type) {
            return try await ParserThreads.run(size: body.count) { try YAMLText.parse(try body.take(), limits: limits) }
        }
        let got = contentType.map { "not \($0.shortened(to: 80))" } ?? "and it is missing"
        throw Problem(
            .unsupportedMediaType, code: "unsupportedMediaType",
            "Content-Type must be application/json or application/yaml, \(got)",
            headers: [.accept: "application/json, application/yaml"])
    }

    private static func body(of request: Request) async throws -> HeldBody {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limits.maximumSize {
            throw HeldBody.tooLarge(limits.maximumSize)
        }
        let (pieces, held) = (request.body, HeldBody(limit: limits.maximumSize))
        let refusal = Mutex<Problem?>(nil)
        do throws(DomainError) {
            try await TimeBudget(patience, on: ContinuousClock()).run("reading the body") { () throws(DomainError) in
                do {
                    try await held.collect(pieces)
                } catch {
                    refusal.withLock { $0 = error as? Problem }
                    throw DomainError(.unavailable, "the body broke off")
                }
            }
        } catch {
            if let problem = refusal.withLock({ $0 }) { throw problem }
            guard error.code == .deadlineExceeded else {
                throw Problem(.badRequest, code: "malformed", "the body ended before its time")
            }
            throw Problem(
                .requestTimeout, code: "requestTimeout", "the body took longer than \(patience)",
                headers: [.connection: "close"])
        }
        return held
    }
}
