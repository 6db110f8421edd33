import Domain
import RktCLI
import Testing

@Suite("Pinned images", .timeLimit(.minutes(10)))
struct PinnedImagesTests {
    private static let digest = "sha256:" + String(repeating: "d", count: 64)
    private static let image = Image(
        id: ImageID("sha256:" + String(repeating: "a", count: 64)),
        repoTags: ["docker.io/library/busybox:1.36", "registry.example:5000/team/pause:3.9"],
        repoDigests: ["docker.io/library/busybox@" + digest], size: 1)

    @Test(
        "are named exactly, by id or by a pattern for the whole name",
        arguments: [
            ("busybox:1.36", true), ("docker.io/library/busybox:1.36", true), ("busybox", false),
            ("busybox:1.3", false), ("busybox@\(digest)", true), ("busybox:7@\(digest)", true),
            (String(repeating: "a", count: 64), true), ("sha256:" + String(repeating: "a", count: 64), true),
            (String(repeating: "b", count: 64), false),
            ("docker.io/library/busybox:*", true), ("*", true), ("*/busybox:1.*", true), ("*pause*", true),
            ("registry.example:5000/*", true), ("registry.example:5000/team/pause:?.?", true),
            ("registry.example:5000/team/pause:?", false), ("*/busybox", false), ("*:1.3", false),
            ("*.36", true), ("quay.io/*", false), ("**a*u**e:3*9**", true),
        ])
    func names(text: String, isPinned: Bool) throws {
        #expect(try PinnedImages(reading: [text]).pins(Self.image) == isPinned)
    }

    @Test("stars and a long name do not take for ever")
    func stars() throws {
        let pattern = PinnedImages.Pattern(String(repeating: "*a", count: 500) + "b")
        let text = String(repeating: "a", count: 1000)
        // One that goes back for each star takes longer than anybody lives.
        #expect(!pattern.matches(text))
    }

    @Test(
        "what names nothing is refused with why",
        arguments: [
            ("Busybox", "lower-case"), ("busybox:*", "begin with their registry"), ("library/*", "begin with"),
            ("*/[a]", "made of"), ("*\u{e9}", "made of"), ("", "empty"),
            ("*" + String(repeating: "a", count: 1024), "longer"),
        ])
    func refused(text: String, why: String) {
        let error = #expect(throws: DomainError.self) { try PinnedImages(reading: [text]) }
        #expect(error?.message.contains(why) == true, "\(error?.message ?? "")")
    }

    @Test("there are at most 256 of them")
    func tooMany() {
        let error = #expect(throws: DomainError.self) {
            try PinnedImages(reading: (0..<257).map { "image\($0)" })
        }
        #expect(error?.message.contains("256") == true)
    }
}
