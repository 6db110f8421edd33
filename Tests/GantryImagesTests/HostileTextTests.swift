import GantryCore
import TextSamples
import Testing

@testable import GantryImages

@Suite(.timeLimit(.minutes(10))) struct HostileTextTests {
    @Test("A reference that is taken is made of ASCII, and means itself", arguments: 0..<20)
    func references(seed: UInt64) throws {
        var samples = TextSamples(seed: seed)
        let digest = "sha256:" + String(repeating: "a", count: 64)
        for _ in 0..<200 {
            let text = samples.text(
                of: ["a", "b1", "K", "localhost", digest, "5000"], ["/", ":", "@", ".", "[", "]"], marks: 12)
            if let reference = try? ImageReference(text) {
                #expect(
                    reference.description.utf8.allSatisfy { (0x21...0x7e).contains($0) }, "\(text.debugDescription)")
                #expect(text.utf8.allSatisfy { (0x21...0x7e).contains($0) }, "\(text.debugDescription)")
                #expect(try ImageReference(reference.description) == reference)
            }
            if let digest = Digest(text) { #expect(Array(digest.description.utf8) == Array(text.utf8)) }
        }
    }

    @Test("A source's path ends at its first colon, whatever is behind it", arguments: TextSamples.marks)
    func sources(_ mark: String) throws {
        guard case .layout(let path, let name) = try ImageSource("oci:/a\(mark)b:\(mark)c") else {
            Issue.record("no layout")
            return
        }
        #expect(Array(path.utf8) == Array("/a\(mark)b".utf8) && name.map { Array($0.utf8) } == Array("\(mark)c".utf8))
        #expect((try? ImageSource("docker:/\(mark)/a")) == nil && (try? ImageSource("docker://\(mark)a")) == nil)
    }

    @Test("A secret is taken out wherever it stands", arguments: TextSamples.marks)
    func redaction(_ mark: String) {
        // A line's end is the end of a URL.
        guard !mark.utf8.contains(0x0a) else { return }
        let text = Redaction().apply(to: "at https://me:secret@\(mark)host/ and\(mark)http://\(mark)a:b\(mark)@c")
        #expect(!text.utf8.elementsEqual("".utf8) && !text.contains("secret") && !text.contains("a:b"))
    }

    @Test("What skopeo says is cut by bytes")
    func message() {
        let text = SkopeoMessage.text(in: "level=fatal msg=\"a" + String(repeating: "\u{301}", count: 100_000) + "\"\n")
        #expect(text.utf8.count <= SkopeoMessage.maximumLength)
    }
}
