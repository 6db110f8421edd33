import JSON
import Testing

@Suite("The elements of an array, one after the other", .timeLimit(.minutes(10)))
struct JSONElementsTests {
    private func all(_ text: String, limits: JSONLimits = .default) throws -> [JSON] {
        var elements = try JSONElements(of: Array(text.utf8), limits: limits)
        var found: [JSON] = []
        while let element = try elements.next() { found.append(element) }
        let further = try elements.next()
        #expect(further == nil)
        return found
    }

    @Test(
        "are those of the array read as a whole",
        arguments: [
            "[]", " [ ] ", "[1]", "[null,true]", #"[{"a":[1,{"b":"],[}{\"\\"}]},"]",[[]],{}]"#,
            "[ 1 , \"\\u005d,\" ,\n2.5 ]\n",
            #"["\\",","]"#, "[\"\u{301}\",\"\\r\\n\"]",
        ])
    func equal(_ text: String) throws {
        #expect(try JSON.array(all(text)) == JSON(parsing: text))
    }

    @Test(
        "are refused where the array would be",
        arguments: [
            "", " ", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1]]", "[1],", "[1}", "[{]", "[}", "[\"a]",
            "[\"a\\\"]", "[1]x",
            #"[{"a":1,"a":2}]"#, "[nul]", "[[1]", "[\"\\", "[1,,2]", "[{\"a\":1]}",
        ])
    func refused(_ text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
        #expect(throws: JSONError.self) { _ = try all(text) }
    }

    @Test("are those of an array and of nothing else", arguments: ["1", "{}", "null", "\"[]\""])
    func noArray(_ text: String) {
        #expect(throws: JSONError.self) { _ = try all(text) }
    }

    @Test("have each the limits of a document, and all together its size")
    func limits() throws {
        let limits = JSONLimits(maximumDepth: 2, maximumSize: 10, maximumValues: 2)
        #expect(try all("[1,2,3,[4]]".filter { $0 != "4" }, limits: limits).count == 4)
        #expect(throws: JSONError.self) { try all("[1,2,3,4,5]", limits: limits) }
        #expect(throws: JSONError.self) { try all("[[1,2]]", limits: limits) }
        #expect(throws: JSONError.self) { try all("[[[]],[[[]]]]", limits: limits) }
    }

    @Test("are named where one cannot be read")
    func place() throws {
        let error = #expect(throws: JSONError.self) { try all("[1,\n 2,\n nul]") }
        #expect(error?.line == 3 && error?.message.contains("element 3") == true)
    }
}
