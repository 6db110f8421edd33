import ByteText
import Testing

@Suite(.timeLimit(.minutes(10))) struct TerminalTests {
    @Test(
        "what a terminal acts on is not given to it",
        arguments: [
            ("plain – ünïcode 🙂", "plain – ünïcode 🙂"), ("a\u{1B}]0;title\u{7}b", "a?]0;title?b"),
            ("\u{9B}31mred", "?31mred"),
            ("one\r\ntwo\tthree", "one  two three"), ("a\u{7F}\u{85}b", "a??b"), ("abc\u{202E}txt.exe", "abc?txt.exe"),
            ("\u{2066}\u{2069}\u{200F}\u{61C}", "????"), ("one\u{2028}two\u{2029}", "one?two?"), ("\u{0}", "?"),
        ])
    func words(text: String, shown: String) {
        #expect(text.forTerminal.unicodeScalars.elementsEqual(shown.unicodeScalars), "\(text.forTerminal)")
    }

    @Test func `the ends of several lines stay`() {
        #expect("a\tb\n\u{1B}[2Jc\r\n".linesForTerminal == "a\tb\n?[2Jc?\n")
    }
}

@Suite(.timeLimit(.minutes(10))) struct ProgramArgumentsTests {
    @Test(
        "a word that is no UTF-8 is refused by its place, with all of its bytes to be read",
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0x80]] as [[UInt8]])
    func refused(bytes: [UInt8]) throws {
        let refusal = try #require(ProgramArguments.refusal(of: Array("a\u{1B}".utf8) + bytes, at: 3))
        let digits = bytes.map { "\\x" + String($0, radix: 16) }.joined()
        #expect(refusal.hasPrefix("argument 3 (a\\x1b\(digits)) is not UTF-8"), "\(refusal)")
    }

    @Test(arguments: ["", "plain", "ünïcode 🙂", "\u{FFFD}", "\u{1B}"]) func `all other words pass`(word: String) {
        #expect(ProgramArguments.refusal(of: Array(word.utf8), at: 1) == nil)
    }
}
