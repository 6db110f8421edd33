import GantryCore
import Testing

@testable import GantryImages

@Suite("A blob", .timeLimit(.minutes(10)))
struct BlobTests {
    private static let tar: [UInt8] = {
        var tar = TarBuilder()
        tar.file("f", "content")
        return tar.finished()
    }()

    @Test("that is not what its digest says is refused")
    func refusesWrongBlob() {
        let error = #expect(throws: EngineError.self) {
            try unpack(Self.tar, digest: SHA256.digest(of: [1])) { _, _ in }
        }
        #expect(error?.code == .invalid)
    }

    @Test("whose content is not what the configuration says is refused")
    func refusesWrongContent() {
        let error = #expect(throws: EngineError.self) {
            try unpack(Self.tar, diffID: SHA256.digest(of: [1])) { _, _ in }
        }
        #expect(error?.code == .invalid)
    }

    @Test(
        "that is no archive is refused",
        arguments: [
            [UInt8]("no archive at all".utf8), [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3],
            [0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3],
        ])
    func refusesRubbish(_ bytes: [UInt8]) {
        #expect(throws: EngineError.self) { try unpack(bytes) { _, _ in } }
    }

    @Test(
        "may be compressed by gzip or zstd, in several pieces",
        arguments: [("gzip", 1), ("gzip", 3), ("zstd", 1), ("zstd", 3)])
    func uncompresses(_ filter: String, _ pieces: Int) throws {
        let size = Self.tar.count / pieces
        var blob: [UInt8] = []
        for piece in 0..<pieces {
            let end = piece == pieces - 1 ? Self.tar.count : (piece + 1) * size
            blob += try compress(Array(Self.tar[piece * size..<end]), filter)
        }
        try unpack(Self.tar, blob: blob) { (directory, _) throws in
            #expect(try directory.text("f") == "content")
        }
    }
}
