import ByteText
import Testing

@Suite(.timeLimit(.minutes(10))) struct ByteTextTests {
    @Test(
        "Text is cut at the byte, whatever stands around it",
        arguments: ["", "\u{301}", "\u{FE0F}", "\u{200D}", "\r\n", "\0", "é", "\u{1F468}\u{200D}\u{1F469}"])
    func cut(_ mark: String) throws {
        let text = "a\(mark)=\(mark)b=\(mark)"
        #expect(text.pieces(at: "=").map { Array($0.utf8) } == ["a\(mark)", "\(mark)b", mark].map { Array($0.utf8) })
        let first = try #require(text.cut(at: "="))
        #expect(first.before.isSame(as: "a\(mark)") && first.after.isSame(as: "\(mark)b=\(mark)"))
        let last = try #require(text.cutLast(at: "="))
        #expect(last.before.isSame(as: "a\(mark)=\(mark)b") && last.after.isSame(as: mark))
        #expect(try #require(text.without(prefix: "a\(mark)=")).isSame(as: "\(mark)b=\(mark)"))
        #expect("../\(mark)x.log".hasParentStep && "x/..\n/..".hasParentStep)
    }

    @Test("Pieces keep what is empty, words do not, lines end in LF alone")
    func pieces() {
        #expect("/a//b".pieces(at: "/") == ["", "a", "", "b"])
        #expect("/a//b".words(at: "/") == ["a", "b"])
        #expect("a=b=c".pieces(at: "=", maxPieces: 2) == ["a", "b=c"])
        #expect("".pieces(at: "=") == [""] && "".words.isEmpty && "".lines.isEmpty)
        #expect("a\r\nb\n\nc\u{2028}\n".lines == ["a\r", "b", "", "c\u{2028}"])
        #expect(" \ta\r\n b ".words == ["a", "b"] && " \ta b\r\n".trimmed == "a b" && " ".trimmed.isEmpty)
        #expect("a://b://".cut(atText: "://").map { [$0.before, $0.after] } == ["a", "b://"])
        #expect("a:/b".cut(atText: "://") == nil && "::://".has(text: "://"))
    }

    @Test("Texts of different bytes are different")
    func comparing() {
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        #expect(composed == decomposed && !composed.isSame(as: decomposed))
        #expect(Set([ByteString(composed), ByteString(decomposed), ByteString(composed)]).count == 2)
        #expect(ByteString("a") < ByteString("a\u{301}") && !["K"].has("\u{212A}"))
        #expect(!"e\u{301}".begins(with: "é") && "e\u{301}".begins(with: "e") && "x\u{301}/".ends(with: "/"))
    }

    @Test("Only K, ; and the grave accent are equivalent to a character that is not ASCII")
    func literals() {
        let ascii = Set((UInt8(0)..<0x80).map { String(Character(Unicode.Scalar($0))) })
        // Canonical decompositions to a single character are in the first three planes.
        let equivalent = (UInt32(0x80)...0x2FFFF).lazy.compactMap(Unicode.Scalar.init).map { String(Character($0)) }
        let found = Set(equivalent.compactMap { text in ascii.firstIndex(of: text).map { ascii[$0] } })
        #expect(found == ["K", ";", "`"])
    }

    @Test(
        "A number is digits and nothing else",
        arguments: ["", "+1", "-1", " 1", "1 ", "1\u{301}", "٣", "256", "99999999999999999999", "1_0", "0x1"])
    func notANumber(_ text: String) { #expect(UInt8(digits: text) == nil) }

    @Test("Numbers at their limits")
    func numbers() {
        #expect(UInt8(digits: "255") == 255 && UInt8(digits: "000") == 0 && Int8(digits: "127") == 127)
        #expect(Int8(digits: "128") == nil && Int8(decimal: "-128") == -128 && Int8(decimal: "-129") == nil)
        #expect(Int(decimal: "--1") == nil && Int(decimal: "-+1") == nil && Int(decimal: "-") == nil)
    }

    @Test("Paths are taken apart at slashes")
    func paths() {
        #expect("/a//b/".pathComponents == ["a", "b"] && "/a".parentPath == "/" && "a".parentPath == nil)
        #expect("/a/b".parentPath == "/a" && "/a/b".lastPathComponent == "b" && "b".lastPathComponent == "b")
        #expect(!"a/..b/...".hasParentStep && "a/..".hasParentStep && "..".hasParentStep)
    }
}
