import JSON
import Testing

@Suite(.timeLimit(.minutes(10))) struct JSONTextTests {
    @Test func `what is written member by member is what the same value would be`() throws {
        var text = JSONText()
        text.object { json in
            json.member("a", "x\"\\\n\u{1}ä")
            json.member("b", number: Int64.min)
            json.member("c", quoted: UInt64.max)
            json.member("d", true)
            json.member("e", [String]())
            json.member("f", ["y": "2", "x": "1"])
            json.member("g") { json in json.array([0, 10, -5]) { $0.number($1) } }
            json.member("h") { json in json.object { $0.member("i") { $0.null() } } }
            json.member("j") { $0.value(["k": [1, 2.5]]) }
        }
        let value = try JSON(parsing: text.bytes)
        let expected: JSON = [
            "a": "x\"\\\n\u{1}ä", "b": .integer(.min), "c": .string(String(UInt64.max)), "d": true, "e": [],
            "f": ["x": "1", "y": "2"], "g": [0, 10, -5], "h": ["i": nil], "j": ["k": [1, 2.5]],
        ]
        #expect(value == expected)
        #expect(String(decoding: text.bytes, as: UTF8.self).contains(#""f":{"x":"1","y":"2"}"#))
    }

    @Test func `a list that is taken away in pieces is whole`() throws {
        var (text, whole) = (JSONText(), [UInt8]())
        text.openList("items")
        for number in 0..<3 {
            text.object { $0.member("n", number: number) }
            whole += text.take()
        }
        text.closeList()
        whole += text.take()
        #expect(try JSON(parsing: whole) == ["items": [["n": 0], ["n": 1], ["n": 2]]])
    }
}
