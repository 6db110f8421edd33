import ByteText
import TextSamples
import Testing

@Suite(.timeLimit(.minutes(10))) struct HostileTextTests {
    @Test("Pieces, cuts and words are those of the bytes, whatever stands around a separator", arguments: 0..<40)
    func pieces(seed: UInt64) {
        var samples = TextSamples(seed: seed)
        for _ in 0..<200 {
            let raw = samples.bytes(of: ["a", "b=", "..", "//"], ["=", "/", "\n", ":", ","])
            let text = String(decoding: raw, as: UTF8.self)
            let bytes = Array(text.utf8)
            for (separator, byte) in [("=" as ASCII, UInt8(ascii: "=")), ("/", 0x2f), ("\n", 0x0a)] {
                let expected = ByteModel.split(bytes, byte)
                #expect(text.pieces(at: separator).map { Array($0.utf8) } == expected)
                #expect(text.words(at: separator).map { Array($0.utf8) } == expected.filter { !$0.isEmpty })
                #expect(text.has(separator) == (expected.count > 1))
                let cut = text.cut(at: separator).map { [Array($0.before.utf8), Array($0.after.utf8)] }
                let place = bytes.firstIndex(of: byte)
                #expect(cut == place.map { [Array(bytes[..<$0]), Array(bytes[($0 + 1)...])] })
                let last = text.cutLast(at: separator).map { [Array($0.before.utf8), Array($0.after.utf8)] }
                let lastPlace = bytes.lastIndex(of: byte)
                #expect(last == lastPlace.map { [Array(bytes[..<$0]), Array(bytes[($0 + 1)...])] })
                #expect(
                    Array(text.pieces(at: separator).joined(separator: String(decoding: [byte], as: UTF8.self)).utf8)
                        == bytes)
            }
            #expect(text.hasParentStep == ByteModel.climbs(text))
            let limit = Int.random(in: 0...bytes.count, using: &samples)
            let short = text.shortened(to: limit)
            #expect(short.utf8.count <= limit && short.utf8.count > limit - 4 && text.begins(with: short))
        }
    }

    @Test("Prefixes, suffixes, searches and comparisons are those of the bytes", arguments: 0..<20)
    func comparing(seed: UInt64) {
        var samples = TextSamples(seed: seed)
        for _ in 0..<200 {
            let text = samples.text(of: ["K", "e", "sha256"], [":", "/"])
            let other = samples.text(of: ["K", "e", "sha256"], [":", "/"], marks: 20)
            let (bytes, part) = (Array(text.utf8), Array(other.utf8))
            #expect(text.begins(with: other) == bytes.starts(with: part))
            #expect(text.ends(with: other) == (bytes.suffix(part.count) == part[...]))
            #expect(text.isSame(as: other) == (bytes == part))
            #expect((ByteString(text) == ByteString(other)) == (bytes == part))
            #expect(text.precedes(other) == bytes.lexicographicallyPrecedes(part))
            #expect((text.without(prefix: other).map { Array((other + $0).utf8) } ?? bytes) == bytes)
            let both = other + text + other
            #expect(Array(both.pieces(atText: text).joined(separator: text).utf8) == Array(both.utf8))
            #expect(both.has(text: text))
        }
    }
}
