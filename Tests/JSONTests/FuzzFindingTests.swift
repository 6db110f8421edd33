import Testing

@testable import JSON

@Suite("What the fuzzer found in JSON", .timeLimit(.minutes(10)))
struct FuzzFindingTests {
    @Test("keys that are alike but for how Unicode composes them are written in one order")
    func order() throws {
        let text = "{\"e\u{301}\":2,\"\u{e9}+\":1}"
        for source in [text, "{\"\u{e9}+\":1,\"e\u{301}\":2}"] {
            let written = try JSON(parsing: source).serialized()
            #expect(written.utf8.elementsEqual(text.utf8))
            #expect(try JSON(parsing: written).serialized().utf8.elementsEqual(text.utf8))
        }
    }
}
