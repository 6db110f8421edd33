import CArchive
import GantryCore
import Testing

@testable import GantryImages

@Suite("A blob")
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

    private func compress(_ bytes: [UInt8], _ filter: String) throws -> [UInt8] {
        let archive = try #require(archive_write_new())
        defer { archive_write_free(archive) }
        archive_write_set_format_raw(archive)
        try #require(
            (filter == "gzip" ? archive_write_add_filter_gzip(archive) : archive_write_add_filter_zstd(archive))
                == ARCHIVE_OK)
        archive_write_set_bytes_in_last_block(archive, 1)
        var output = [UInt8](repeating: 0, count: bytes.count + 4096)
        var used = 0
        let entry = archive_entry_new()
        defer { archive_entry_free(entry) }
        archive_entry_set_filetype(entry, 0o100000)
        try output.withUnsafeMutableBytes { space in
            try #require(archive_write_open_memory(archive, space.baseAddress, space.count, &used) == ARCHIVE_OK)
            try #require(archive_write_header(archive, entry) == ARCHIVE_OK)
            try #require(archive_write_data(archive, bytes, bytes.count) == bytes.count)
            try #require(archive_write_close(archive) == ARCHIVE_OK)
        }
        return Array(output[..<used])
    }
}
