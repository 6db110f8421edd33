import CArchive
import GantryCore
import Glibc
import Testing

@testable import GantryImages

/// Unpacks an archive and hands over the directory that came of it.
func unpack(
    _ tar: [UInt8], blob: [UInt8]? = nil, digest: Digest? = nil, diffID: Digest? = nil, limits: ImageLimits = .standard,
    mediaType: String = "", _ body: (OpenDirectory, UnpackedLayer) throws -> Void
) throws {
    try withTemporaryDirectory { workspace in
        let blob = blob ?? tar
        let digest = digest ?? SHA256.digest(of: blob)
        let blobs = try workspace.make("blobs", mode: 0o700).make("sha256", mode: 0o700)
        try blobs.replace(digest.hex, with: blob)
        let layer = LayerDownload.Layer(
            blob: BlobDescriptor(mediaType: mediaType, digest: digest, size: Int64(blob.count)),
            position: 0, diffID: diffID ?? SHA256.digest(of: tar))
        let unpacked = try LayerUnpack(layer, in: workspace, ImageMeter(limits)).run()
        try body(workspace.open(unpacked.directory), unpacked)
    }
}

func unpack(_ build: (inout TarBuilder) -> Void, _ body: (OpenDirectory) throws -> Void) throws {
    var tar = TarBuilder()
    build(&tar)
    try unpack(tar.finished()) { directory, _ in try body(directory) }
}

extension OpenDirectory {
    func status(_ name: String) -> stat? {
        var status = stat()
        return fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status : nil
    }

    func text(_ name: String) throws -> String? {
        let slash = name.lastIndex(of: "/")
        let directory = try slash.map { try OpenDirectory.open("\(path)/\(name[..<$0])") } ?? self
        return try directory.read(
            String(name[(slash.map { name.index(after: $0) } ?? name.startIndex)...]), limit: 1 << 20
        )
        .map { String(decoding: $0, as: UTF8.self) }
    }

    func attribute(_ key: String, of name: String) -> String? {
        var value = [UInt8](repeating: 0, count: 256)
        let count = lgetxattr("\(path)/\(name)", key, &value, value.count)
        return count < 0 ? nil : String(decoding: value[..<count], as: UTF8.self)
    }

    func isWhiteout(_ name: String) -> Bool {
        status(name).map { $0.st_mode & S_IFMT == S_IFCHR && $0.st_rdev == 0 } ?? false
    }
}

/// As skopeo would have it, by `gzip` or `zstd`.
func compress(_ bytes: [UInt8], _ filter: String) throws -> [UInt8] {
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
