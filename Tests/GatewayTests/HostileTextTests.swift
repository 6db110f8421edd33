import TextSamples
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct HostileTextTests {
    @Test("A selector matches the labels that have its bytes, and no others", arguments: 0..<20)
    func selectors(seed: UInt64) {
        var samples = TextSamples(seed: seed)
        for _ in 0..<100 {
            let key = samples.text(of: ["K", "é", "a"], ["/", "."], marks: 30)
            let value = samples.text(of: ["K", "e\u{301}", "v"], ["-"], marks: 30)
            guard !key.isEmpty, let selector = LabelSelector("\(key)=\(value)") else { continue }
            #expect(selector.matches([key.trimmedOfBlanks: value.trimmedOfBlanks]))
            for (other, otherValue) in [("é", "K"), ("K", "\u{212A}"), ("a", "v"), ("e\u{301}", "é")] {
                let isSame =
                    Array(other.utf8) == Array(key.trimmedOfBlanks.utf8)
                    && Array(otherValue.utf8) == Array(value.trimmedOfBlanks.utf8)
                #expect(selector.matches([other: otherValue]) == isSame)
            }
        }
    }

    @Test("Labels that only look alike do not match")
    func alike() throws {
        let labels = ["caf\u{E9}": "K"]
        for text in ["cafe\u{301}=K", "caf\u{E9}=\u{212A}", "cafe\u{301}", "caf\u{E9} in (\u{212A})"] {
            #expect(try #require(LabelSelector(text)).matches(labels) == false, "\(text.debugDescription)")
        }
        #expect(try #require(LabelSelector("caf\u{E9}=\u{301}")).matches(["caf\u{E9}": "\u{301}"]))
        #expect(try #require(LabelSelector("!cafe\u{301}")).matches(labels))
    }

    @Test("A path that is taken has no dots for directories once it is decoded", arguments: 0..<20)
    func targets(seed: UInt64) {
        var samples = TextSamples(seed: seed)
        for _ in 0..<200 {
            let target = "/v1/" + samples.text(of: ["..", "%2e%2e", "%2E", "a", "%CC%81"], ["/", "?", "#", "%2f"])
            guard (try? RequestTarget.check(target)) != nil else { continue }
            let path = ByteModel.split(Array(target.utf8), UInt8(ascii: "?"))[0]
            let segments = ByteModel.split(path, 0x2f).map {
                PercentText.decode(Substring(decoding: $0, as: UTF8.self)).map { Array($0.utf8) }
            }
            #expect(
                !segments.contains([0x2e, 0x2e]) && !segments.contains([0x2e]) && !segments.dropFirst().contains([]))
        }
    }

    @Test("A query's parameters end at & and begin behind =", arguments: TextSamples.marks)
    func queries(_ mark: String) throws {
        guard !mark.utf8.contains(where: { $0 < 0x20 }) else { return }
        let query = try QueryReader("a=\(mark)1&\(mark)=2&a=3", known: ["a", mark])
        #expect(try query.text(mark)?.utf8.elementsEqual("2".utf8) == true)
        #expect(throws: (any Error).self) { try query.text("a") }
        #expect(throws: (any Error).self) { try QueryReader("a=\(mark)1", known: ["a"]).number("a", in: 0...9) }
    }
}

extension String {
    /// Without ASCII blanks at its ends, as selectors have them.
    fileprivate var trimmedOfBlanks: String {
        var bytes = Array(utf8)[...]
        let blanks: Set<UInt8> = [0x20, 9, 10, 11, 12, 13]
        while let first = bytes.first, blanks.contains(first) { bytes = bytes.dropFirst() }
        while let last = bytes.last, blanks.contains(last) { bytes = bytes.dropLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
