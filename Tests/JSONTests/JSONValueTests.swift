import JSON
import Testing

@Suite("JSON values", .timeLimit(.minutes(10)))
struct JSONValueTests {
    @Test(
        "writes compact text with sorted keys",
        arguments: [
            (JSON.null, "null"), (["b": 1, "a": [true, nil]], #"{"a":[true,null],"b":1}"#),
            (.unsigned(.max), "18446744073709551615"),
            (0.1, "0.1"), (1e300, "1e+300"), (.double(.infinity), "null"), (.double(.nan), "null"), (2.0, "2.0"),
            ([:], "{}"), ([], "[]"),
            (.string("a\u{0}\u{1f}\"\\\n\r\t/é\u{7f}"), "\"a\\u0000\\u001f\\\"\\\\\\n\\r\\t/é\u{7f}\""),
        ] as [(JSON, String)])
    func writes(value: JSON, expected: String) throws {
        #expect(value.serialized() == expected)
    }

    @Test("writes pretty text that reads back")
    func writesPretty() throws {
        let value: JSON = ["a": [1, ["x": "y"]], "b": [:], "c": []]
        let text = value.serialized(pretty: true)
        #expect(text == "{\n  \"a\": [\n    1,\n    {\n      \"x\": \"y\"\n    }\n  ],\n  \"b\": {},\n  \"c\": []\n}")
        #expect(try JSON(parsing: text) == value)
    }

    @Test("looks up members and elements, and answers nil elsewhere")
    func subscripts() {
        let value: JSON = ["a": [1, "x"], "n": nil]
        #expect(value["a"]?[1] == "x")
        #expect(value["a"]?[2] == nil)
        #expect(value["a"]?[-1] == nil)
        #expect(value["a"]?["b"] == nil)
        #expect(value["n"] == .null)
        #expect(value["n"]?.isNull == true)
        #expect(value[0] == nil)
    }

    @Test("converts numbers only where nothing is lost")
    func numbers() {
        #expect(JSON(UInt64.max) == .unsigned(.max))
        #expect(JSON(UInt64(5)) == .integer(5))
        #expect(JSON.unsigned(.max).int64Value == nil)
        #expect(JSON.integer(-1).uint64Value == nil)
        #expect(JSON.integer(7).uint64Value == 7)
        #expect(JSON.double(1.0).int64Value == nil)
        #expect(JSON.integer(2).doubleValue == 2.0)
        #expect(JSON.string("1").int64Value == nil)
        #expect(JSON.bool(true).stringValue == nil)
        #expect(JSON.array([1]).arrayValue == [1])
        #expect(JSON.object(["a": 1]).objectValue == ["a": 1])
        #expect(JSON.null.boolValue == nil)
    }
}
