import JSON
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct RequestDocumentTests {
    @Test func `a body has at most a hundred thousand values, in JSON and in YAML`() throws {
        let limits = RequestDocument.limits
        let many = "[" + String(repeating: "{},", count: 100_000) + "{}]"
        let few = "[" + String(repeating: "{},", count: 1_000) + "{}]"
        #expect(throws: JSONError.self) { try JSON(parsing: Array(many.utf8), limits: limits) }
        #expect(throws: Problem.self) { try YAMLText.parse(Array(many.utf8), limits: limits) }
        #expect(throws: Never.self) { try JSON(parsing: Array(few.utf8), limits: limits) }
        #expect(throws: Never.self) { try YAMLText.parse(Array(few.utf8), limits: limits) }
    }
}
