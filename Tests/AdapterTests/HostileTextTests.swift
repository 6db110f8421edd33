import TextSamples
import Testing

@testable import HostFacts
@testable import RktCLI
@testable import SystemdRun

@Suite(.timeLimit(.minutes(10))) struct HostileTextTests {
    @Test("A reference that is taken is made of ASCII, and means itself", arguments: 0..<20)
    func references(seed: UInt64) throws {
        var samples = TextSamples(seed: seed)
        let digest = "sha256:" + String(repeating: "a", count: 64)
        for _ in 0..<200 {
            let text = samples.text(
                of: ["a", "b1", "K", "localhost", digest, "5000"], ["/", ":", "@", ".", "[", "]"], marks: 12)
            guard let reference = try? ImageReference(text) else { continue }
            #expect(text.utf8.allSatisfy { (0x21...0x7e).contains($0) }, "\(text.debugDescription)")
            #expect(try ImageReference(reference.description) == reference)
        }
    }

    @Test("A slice, a range of addresses, an id is itself alone", arguments: TextSamples.marks)
    func words(_ mark: String) {
        #expect((try? Slice.name(forParent: "/kubepods\(mark).slice", default: "x.slice")) == nil)
        #expect((try? Slice.name(forParent: "/a/\(mark)b.slice", default: "x.slice")) == nil)
        #expect(!AddressRange.isValid("10.0.0.0/\(mark)8") && !AddressRange.isValid("10.0.0.0\(mark)/8"))
        #expect(!AddressRange.isValid("10.0.0.0/+8"))
        #expect(EngineUUID("0123456\(mark)-0000-0000-0000-000000000000") == nil)
        #expect(!ImageReference.isImageID("sha256:\(mark)" + String(repeating: "a", count: 64)))
    }

    @Test("The engine's version is read whatever is around it")
    func version() {
        #expect(
            RktDialect.detect(inVersionText: "gantry Version: 1\u{301}\r\n")?.version.utf8.elementsEqual(
                "1\u{301}\r".utf8) == true)
    }
}
