import JSON
import TextSamples
import Testing

@Suite(.timeLimit(.minutes(10))) struct HostileTextTests {
    @Test("Keys and texts come as they were sent, or the document is refused", arguments: 0..<20)
    func members(seed: UInt64) throws {
        var samples = TextSamples(seed: seed)
        for _ in 0..<100 {
            let keys = (0..<3).map { _ in samples.text(of: ["K", "é", "a"], [":", ",", "/"]) }
            let text =
                "{"
                + keys.map { "\(JSON.string($0).serialized()):\(JSON.string($0).serialized())" }.joined(separator: ",")
                + "}"
            guard let json = try? JSON(parsing: text) else {
                // Refused: a NUL in a key, or two keys that are one for a dictionary of strings.
                #expect(
                    keys.contains { $0.utf8.contains(0) } || Set(keys).count < keys.count, "\(text.debugDescription)")
                continue
            }
            #expect(Set(keys).count == keys.count && json.objectValue?.count == keys.count)
            for (key, value) in json.objectValue ?? [:] {
                #expect(keys.contains { $0.utf8.elementsEqual(key.utf8) })
                #expect(value.stringValue?.utf8.elementsEqual(key.utf8) == true)
            }
        }
    }

    @Test(
        "Keys that only look alike are refused, never merged",
        arguments: [
            #"{"é":1,"e\u0301":2}"#, #"{"K":1,"\u212a":2}"#, #"{"\ud800":1,"\ud801":2}"#, #"{";":1,"\u037e":2}"#,
            #"{"a\u0000b":1}"#, #"{"a\u0000":1,"a":2}"#, #"[{"x":{"é":1,"e\u0301":2}}]"#,
        ])
    func alike(_ text: String) { #expect(throws: JSONError.self) { try JSON(parsing: text) } }

    @Test("Half of a surrogate pair, and what is no UTF-8, becomes U+FFFD or is refused")
    func surrogates() {
        for text in [#"["\ud800/"]"#, #"["\udc00=\ud800"]"#, #"["\ud800\ud800"]"#] {
            let value = (try? JSON(parsing: text))?[0]?.stringValue
            #expect(value == nil || value?.unicodeScalars.contains("\u{FFFD}") == true, "\(text)")
        }
        for bytes: [UInt8] in [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80]] {
            let value = (try? JSON(parsing: Array("[\"".utf8) + bytes + Array("\"]".utf8)))?[0]?.stringValue
            #expect(value?.utf8.contains(0x2f) != true && value?.unicodeScalars.contains("\u{FFFD}") != false)
        }
    }

    @Test("A NUL stays in a text")
    func nul() throws { #expect(try JSON(parsing: #"["a\u0000b"]"#)[0]?.stringValue == "a\0b") }
}
