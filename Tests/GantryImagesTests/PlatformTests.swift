import GantryCore
import Testing

@testable import GantryImages

@Suite("Platforms", .timeLimit(.minutes(10)))
struct PlatformTests {
    private static func entry(_ name: String, _ digit: String) throws -> ImageManifest.Entry {
        let digest = try #require(Digest("sha256:" + String(repeating: digit, count: 64)))
        return ImageManifest.Entry(
            descriptor: BlobDescriptor(mediaType: "", digest: digest, size: 1),
            platform: name.isEmpty ? nil : try ImagePlatform(parsing: name))
    }

    @Test(
        "choose the manifest that suits best",
        arguments: [
            ("linux/amd64", ["linux/arm64", "linux/amd64"], 1), ("linux/amd64", ["linux/amd64/v3", "linux/amd64"], 1),
            ("linux/amd64", ["linux/amd64/v2", "linux/amd64/v1"], 1), ("linux/arm64", ["linux/arm64/v8"], 0),
            ("linux/arm64/v8", ["linux/amd64", "linux/arm64"], 1),
            ("linux/arm/v7", ["linux/arm/v5", "linux/arm/v6"], 1),
            ("linux/arm/v6", ["linux/arm/v7", "linux/arm/v5"], 1),
            ("linux/amd64", ["windows/amd64", "linux/amd64"], 1),
            ("linux/amd64", ["linux/amd64", "linux/amd64"], 0),
        ])
    func chooses(_ wanted: String, _ offered: [String], _ index: Int) throws {
        let entries = try zip(offered, ["a", "b"]).map { try Self.entry($0, $1) }
        let suited = try ImageManifest.suited(entries, for: ImagePlatform(parsing: wanted))
        #expect(suited.first?.descriptor.digest == (index == 0 ? entries[0] : entries[1]).descriptor.digest)
    }

    @Test(
        "are read from the machine's name",
        arguments: [
            ("x86_64", "linux/amd64"), ("aarch64", "linux/arm64"), ("armv7l", "linux/arm/v7"),
            ("riscv64", "linux/riscv64"),
        ])
    func readsMachines(_ machine: String, _ expected: String) {
        #expect(ImagePlatform(machine: machine).description == expected)
    }

    @Test("are refused when malformed", arguments: ["", "linux", "linux/", "/amd64", "linux/amd64/v1/x"])
    func refuses(_ text: String) {
        #expect(throws: EngineError.self) { try ImagePlatform(parsing: text) }
    }
}
