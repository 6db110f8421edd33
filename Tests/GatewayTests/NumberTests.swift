import Domain
import JSON
import RequestSyntax
import Testing

@testable import Gateway

/// Numbers of bodies: whole, within their type, or refused by the field's name.
@Suite(.timeLimit(.minutes(10))) struct NumberTests {
    private func parse(_ text: String) throws(DomainError) -> Int64 {
        guard let json = try? JSON(parsing: text) else { throw DomainError(.invalidArgument, "x: not JSON") }
        return try WholeNumber.parse(json, at: FieldPath("x"))
    }

    @Test(arguments: [
        ("0", 0), ("-0", 0), ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min), ("1.0", 1),
        ("1e3", 1000),
        (#""9223372036854775807""#, Int64.max), (#""-5""#, -5), ("9007199254740992.0", 1 << 53),
    ])
    func `what is a whole number is exactly that`(text: String, value: Int64) throws {
        #expect(try parse(text) == value)
    }

    @Test(arguments: [
        "1.5", "9223372036854775808", "-9223372036854775809", "1e400", "-1e400", "9007199254740994.0", "9.3e18", "1e-1",
        #""1.5""#, #""+1""#, #"" 1""#, #""1\\n""#, #""0x1""#, #"""#, #""9223372036854775808""#, #""\\u0661""#, "true",
        "[1]",
        #""1\\u0301""#,
    ])
    func `everything else is refused by name, neither cut nor wrapped`(text: String) {
        let error = #expect(throws: DomainError.self) { try parse(text) }
        #expect(error?.message.hasPrefix("x: ") == true)
    }

    @Test(arguments: [
        "9223372036854775808", "1e400", "0x10", "1_000", "+5", ".inf", ".nan", "1.5", "4294967296",
    ])
    func `YAML brings no other numbers`(text: String) {
        #expect(throws: (any Error).self) {
            let body = try YAMLText.parse(Array("attempt: \(text)\n".utf8), limits: JSONLimits())
            var reader = try MessageReader(body, at: FieldPath("x"))
            _ = try reader.number("attempt", as: UInt32.self)
        }
    }
}
