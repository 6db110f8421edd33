import Testing
import YAML

@Suite(.timeLimit(.minutes(10))) struct YAMLDocumentTests {
    private func read(_ text: String) throws -> YAMLNode? { try YAMLDocument.read(text.utf8) }

    /// As one line: `[a,"b",{c:d}]`, quoted where it was quoted.
    private func show(_ node: YAMLNode?) -> String {
        switch node?.content {
        case nil: "nothing"
        case .scalar(let text, let isPlain)?: isPlain ? text : "\"\(text)\""
        case .sequence(let elements)?: "[" + elements.map(show).joined(separator: ",") + "]"
        case .mapping(let members)?:
            "{" + members.map { show($0.key) + ":" + show($0.value) }.joined(separator: ",") + "}"
        }
    }

    @Test(arguments: [
        ("", "nothing"), ("# a remark\n", "nothing"), ("---\n...\n", ""), ("a", "a"), ("'1'", "\"1\""),
        ("a: 1\nb:\n- x\n- \"y\"\n", "{a:1,b:[x,\"y\"]}"), ("{\"a\": [1, {}]}", "{\"a\":[1,{}]}"),
        ("a: |\n  two\n  lines\n", "{a:\"two\nlines\n\"}"), ("a: &x [1]\nb: *x\n", "{a:[1],b:[1]}"),
        ("a: 1\na: 2\n", "{a:1,a:2}"), ("a:\n", "{a:}"), ("? 1\n: 2\n", "{1:2}"), ("%YAML 1.1\n---\na\n", "a"),
        ("a: 5 %TAG\n", "{a:5 %TAG}"), ("ä: \"\\u00e9\"", "{ä:\"é\"}"),
    ])
    func `documents`(text: String, shown: String) throws {
        #expect(show(try read(text)) == shown)
    }

    @Test(arguments: [
        ("a: [1\nb: 2", 2, 2), ("a: *x", 1, 4), ("? [1]\n: 2\n", 1, 3), ("{[1]: 2}", 1, 2), ("%TAG ! x\n---\na", 1, 1),
        ("# x\u{2028}%TAG ! x\n---\na", 1, 1), ("a\n...\n%TAG ! x\n---\nb", 3, 1), ("\t- a", 1, 1),
        ("a: 1\n---\nb: 2\n", 3, 1), ("a: \"x", 1, 6),
    ])
    func `what is none says where`(text: String, line: Int, column: Int) throws {
        let error = #expect(throws: YAMLError.self) { try read(text) }
        #expect(error?.line == line && error?.column == column, "\(error?.description ?? "")")
        #expect(error?.message.isEmpty == false)
    }

    @Test func `bytes that are no text are refused`() {
        #expect(throws: YAMLError.self) { try YAMLDocument.read([0x61, 0x3A, 0x20, 0xFF, 0xFE]) }
        #expect(throws: YAMLError.self) { try YAMLDocument.read([0x61, 0x3A, 0x20, 0x00]) }
    }

    @Test func `places are those of the text, and words for nothing are known`() throws {
        guard case .mapping(let members)? = try read("a: ~\n\n  \nb: 'null'\nc:\n  - null\n")?.content else {
            Issue.record("no mapping")
            return
        }
        #expect(members.map(\.key.line) == [1, 4, 5])
        #expect(members.map(\.value.column) == [4, 4, 3])
        #expect(members.map(\.value.isNull) == [true, false, false])
    }

    @Test func `aliases do not make a small text huge, and none holds itself`() throws {
        let laughs = (1...9).reduce("a0: &a0 [x,x,x,x,x,x,x,x,x]\n") { text, level in
            text + "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ",")
                + "]\n"
        }
        let huge = #expect(throws: YAMLError.self) { try read(laughs) }
        #expect(huge?.message.contains("too large") == true)
        #expect(throws: YAMLError.self) { try read("a: &x [*x]\n") }
        let deep = #expect(throws: YAMLError.self) {
            try read(String(repeating: "[", count: 600) + String(repeating: "]", count: 600))
        }
        #expect(deep?.message.contains("nested too deep") == true)
    }
}
