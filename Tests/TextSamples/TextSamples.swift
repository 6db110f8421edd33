/// Texts that a peer may send to a parser that goes by letters: what joins its neighbour, around every separator.
///
/// Made from a seed, so that a failure comes again.
package struct TextSamples: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// SplitMix64.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// Each joins what is before or behind it, is taken for something of ASCII, or is nothing that is seen.
    package static let marks = [
        "\u{301}", "\u{338}", "\u{FE0F}", "\u{FE0E}", "\u{E0100}", "\u{200D}", "\u{200C}", "\u{20E3}", "\u{0D4D}",
        "\u{1F3FD}",
        "\u{1F1E6}", "\r\n", "\r", "\n", "\0", "\u{85}", "\u{2028}", "\u{FEFF}", "\u{FFFD}", "\u{A0}", "\u{3000}",
        "\u{212A}", "\u{37E}", "\u{1FEF}", "\u{660}", "\u{FF11}", "\u{FF0F}", "\u{2024}", "\u{131}", "\u{17F}",
        "\u{FB01}", "é",
        "e\u{301}", "\u{1100}\u{1161}", "\u{AC00}",
    ]

    /// A few words and separators in any order, and marks around all of them.
    ///
    /// - Parameter share: of the places between two pieces, how many in a hundred have a mark.
    package mutating func text(of words: [String], _ separators: [String], marks share: Int = 40) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 1...9, using: &self) {
            if Int.random(in: 0..<100, using: &self) < share { text += Self.marks.randomElement(using: &self) ?? "" }
            text += (Bool.random(using: &self) ? words : separators).randomElement(using: &self) ?? ""
        }
        if Int.random(in: 0..<100, using: &self) < share { text += Self.marks.randomElement(using: &self) ?? "" }
        return text
    }

    /// The same as bytes, some of which are no UTF-8.
    package mutating func bytes(of words: [String], _ separators: [String]) -> [UInt8] {
        var bytes = Array(text(of: words, separators).utf8)
        if Int.random(in: 0..<4, using: &self) == 0 {
            let wrong: [[UInt8]] = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0x80]]
            bytes.insert(
                contentsOf: wrong.randomElement(using: &self) ?? [], at: Int.random(in: 0...bytes.count, using: &self))
        }
        return bytes
    }
}

/// What every other program does: the model that parsers are held against.
package enum ByteModel {
    package static func split(_ text: [UInt8], _ separator: UInt8) -> [[UInt8]] {
        var pieces: [[UInt8]] = [[]]
        for byte in text {
            if byte == separator { pieces.append([]) } else { pieces[pieces.count - 1].append(byte) }
        }
        return pieces
    }

    /// Whether a path, as the kernel reads it, has `..` for one of its names.
    package static func climbs(_ path: String) -> Bool {
        split(Array(path.utf8), 0x2f).contains([0x2e, 0x2e])
    }
}
