import Domain
import JSON
import Testing

@testable import Streaming

@Suite(.timeLimit(.minutes(10))) struct SessionOutcomeTests {
    @Test(
        "a session that came to nothing says why as Kubernetes does",
        arguments: [
            (DomainError.Code.resourceExhausted, "TooManyRequests", 429), (.notFound, "NotFound", 404),
            (.failedPrecondition, "Conflict", 409), (.invalidArgument, "BadRequest", 400),
            (.unavailable, "ServiceUnavailable", 503),
            (.internal, "InternalError", 500),
        ])
    func reasons(code: DomainError.Code, reason: String, number: Int) throws {
        let status = try JSON(parsing: SessionOutcome.failed(DomainError(code, "no room")).status)
        #expect(status["status"] == "Failure" && status["reason"] == .string(reason))
        #expect(status["code"]?.int64Value == Int64(number))
        #expect(status["message"] == (number == 500 ? "Internal error occurred: no room" : "no room"))
        #expect(status["details"]?["causes"]?.arrayValue?.first?["message"] == "no room")
    }

    @Test func `a command's end is its exit code, and no failure of the session`() throws {
        #expect(try JSON(parsing: SessionOutcome.exited(0).status)["status"] == "Success")
        let status = try JSON(parsing: SessionOutcome.exited(7).status)
        #expect(status["reason"] == "NonZeroExitCode" && status["code"] == nil)
        #expect(status["details"]?["causes"]?.arrayValue?.first?["message"] == "7")
    }
}
