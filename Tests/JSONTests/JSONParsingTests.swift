import JSON
import Testing

@Suite("Reading JSON", .timeLimit(.minutes(10)))
struct JSONParsingTests {
    @Test(
        "reads every kind of value",
        arguments: [
            ("null", JSON.null), (" true ", true), ("false", false), ("0", 0), ("-1", -1), ("-0", 0),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .unsigned(9_223_372_036_854_775_808)), ("18446744073709551615", .unsigned(.max)),
            ("1.5", 1.5), ("1e3", 1000.0), ("-2.5E-1", -0.25), ("\"\"", ""), ("[]", []), ("{}", [:]),
            ("[1,[2,[null]]]", [1, [2, [nil]]]), ("{\"a\":{\"b\":[1]}}", ["a": ["b": [1]]]),
            ("\t{\r\n\"a\" : 1 , \"b\" : 2 }\n", ["a": 1, "b": 2]), ("{\"\":0}", ["": 0]),
        ] as [(String, JSON)])
    func readsValues(text: String, expected: JSON) throws {
        #expect(try JSON(parsing: text) == expected)
    }

    @Test(
        "reads strings with escapes, NUL and any Unicode",
        arguments: [
            (#""a\u0000b""#, "a\u{0}b"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"), (#""\u00e9é""#, "éé"),
            (#""\ud83d\ude00😀""#, "😀😀"), (#""\ud800""#, "\u{FFFD}"), ("\"\u{7f}\"", "\u{7f}"),
        ])
    func readsStrings(text: String, expected: String) throws {
        #expect(try JSON(parsing: text).stringValue == expected)
    }

    @Test(
        "refuses what is not strictly JSON",
        arguments: [
            "", " ", "{", "[", "]", "}", "[1", "{\"a\"", "{\"a\":", "{\"a\":1", "[1,]", "{\"a\":1,}", "[,1]", "[1 2]",
            "{,}",
            "{\"a\" 1}", "{\"a\"::1}", "{1:2}", "[\"a\":1]", "[}", "{]", "[]]", "{}{}", "1 2", "nul", "nulll", "True",
            "NaN", "Infinity", "-Infinity", "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x10", "--1", "1-", "'a'",
            "{'a':1}", "\"a", "\"\\",
            "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"a\nb\"", "// x\n1", "/* x */1", "[1]// x", "1\u{0}", "a",
            "true false", ",", ":",
            "\u{FEFF}1", "{\"a\":1 \"b\":2}", "[[]", "{\"a\":}", "{:1}", "tru", "[true false]", "\"a\"\"b\"",
        ])
    func refuses(text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
    }

    @Test(
        "refuses numbers out of range instead of saturating them",
        arguments: ["18446744073709551616", "-9223372036854775809", "1e400", "-1e400", "99999999999999999999999999"])
    func refusesOutOfRange(text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
        #expect(throws: JSONError.self) { try JSON(parsing: "{\"a\":\(text)}") }
    }

    @Test(
        "refuses a key that comes twice, also written differently or further in",
        arguments: [
            #"{"a":1,"a":1}"#, #"{"a":1,"\u0061":2}"#, #"{"x":{"a":1,"a":2},"y":{}}"#,
            #"[{"b":1},{"a":{"q":1},"a":2}]"#,
            #"{"\u00e9":1,"e\u0301":2}"#,
        ])
    func refusesRepeatedKeys(text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
    }

    @Test("refuses a NUL in a key, where the C library would cut the key")
    func refusesNULInKey() {
        #expect(throws: JSONError.self) { try JSON(parsing: #"{"a\u0000b":1}"#) }
    }

    @Test("says line and column of the offence")
    func placesErrors() throws {
        let cases: [(String, Int, Int)] = [
            ("{\n  \"a\": tru\n}", 2, 8), ("[1,\n2,\n\n  018]", 4, 3), ("{\"a\":1}\nx", 2, 1),
            ("[{\"a\":1,\"a\":2}]", 1, 2), ("[1 2]", 1, 4),
        ]
        for (text, line, column) in cases {
            let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
            #expect(error?.line == line, "\(text)")
            #expect(error?.column == column, "\(text)")
        }
    }

    @Test("refuses bytes that are not UTF-8 and says where")
    func refusesInvalidUTF8() {
        for bytes: [UInt8] in [
            [0x22, 0xff, 0x22], [0x22, 0xc0, 0xaf, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0x22, 0xe2, 0x82],
        ] {
            let error = #expect(throws: JSONError.self) { try JSON(parsing: bytes) }
            #expect(error?.message == "not UTF-8")
            #expect(error?.column == 2)
        }
    }

    @Test("accepts nesting to the limit and refuses one level more")
    func limitsDepth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try JSON(parsing: nested(64)) }
        #expect(throws: JSONError.self) { try JSON(parsing: nested(65)) }
        #expect(throws: JSONError.self) { try JSON(parsing: nested(3), limits: JSONLimits(maximumDepth: 2)) }
        #expect(throws: Never.self) { try JSON(parsing: nested(512), limits: JSONLimits(maximumDepth: 512)) }
        let bottomless = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(throws: JSONError.self) { try JSON(parsing: bottomless) }
    }

    @Test("refuses text above the size limit")
    func limitsSize() {
        #expect(throws: Never.self) { try JSON(parsing: "[1]", limits: JSONLimits(maximumSize: 3)) }
        #expect(throws: JSONError.self) { try JSON(parsing: "[10]", limits: JSONLimits(maximumSize: 3)) }
    }

    @Test(
        "refuses one value or key more than the limit: an empty object takes nearly a kilobyte",
        arguments: [("[1,2,{}]", 4), (#"{"a":null,"b":"c"}"#, 5), ("[true,-1.5e3]", 3)])
    func limitsValues(_ text: String, _ values: Int) {
        #expect(throws: Never.self) { try JSON(parsing: text, limits: JSONLimits(maximumValues: values)) }
        #expect(throws: JSONError.self) { try JSON(parsing: text, limits: JSONLimits(maximumValues: values - 1)) }
        let objects = "[" + String(repeating: "{},", count: 4_000_000) + "{}]"
        #expect(throws: JSONError.self) { try JSON(parsing: objects) }
    }

    @Test("survives arbitrary bytes, and what it accepts it writes back the same")
    func survivesArbitraryBytes() throws {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array(#"{}[]:,"\u0aeE+-.19tfn rulse/"#.utf8) + [0, 0x0a, 0x80, 0xe2, 0xff]
        var accepted = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...12, using: &generator)
            let bytes = (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
            guard let value = try? JSON(parsing: bytes) else { continue }
            accepted += 1
            #expect(try JSON(parsing: value.serialized()) == value, "\(bytes)")
        }
        #expect(accepted > 0)
    }

    @Test("every cut of a document is refused")
    func refusesTruncation() {
        let text = Array(#"{"a":[1,2.5,{"b":"\u00e9\n"}],"c":null,"d":true}"#.utf8)
        for count in 0..<text.count {
            #expect(throws: JSONError.self) { try JSON(parsing: Array(text[0..<count])) }
        }
    }

    @Test("reads from raw memory that is not terminated")
    func readsRawMemory() throws {
        let bytes = Array("123456".utf8)
        let value = try bytes.withUnsafeBytes { try JSON(parsing: UnsafeRawBufferPointer(rebasing: $0[1..<4])) }
        #expect(value == 234)
    }
}
