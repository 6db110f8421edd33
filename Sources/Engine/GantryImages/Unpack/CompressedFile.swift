import ByteText
import CArchive
import GantryCore
import Glibc

/// A layer's blob, read once from end to end: hashed as it is, uncompressed (gzip, zstd or nothing), hashed again.
///
/// Uncompressed once: libarchive would go on as long as what comes out looks compressed, and what is in between nobody would have counted. That
/// is refused. Memory is bounded by libarchive's: a block, and zstd's window of at most 128 MiB.
final class CompressedFile {
    private let file: Int32
    private let meter: UnpackMeter
    private let archive: OpaquePointer
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
    private var compressed = SHA256()
    private var uncompressed = SHA256()
    private var failure: EngineError?
    private var ended = false

    /// - Parameters:
    ///   - file: open for reading at its start; stays the caller's.
    ///   - mediaType: as the manifest has it.
    init(_ file: Int32, _ meter: UnpackMeter = UnpackMeter(), mediaType: String = "") throws(EngineError) {
        guard let archive = archive_read_new() else { throw EngineError(.exhausted, "no memory to read a layer") }
        self.file = file
        self.meter = meter
        self.archive = archive
        archive_read_support_format_raw(archive)
        archive_read_support_format_empty(archive)
        switch Self.isPlain(mediaType) ? nil : Self.filter(of: file) {
        case ARCHIVE_FILTER_GZIP: archive_read_support_filter_gzip(archive)
        case ARCHIVE_FILTER_ZSTD: archive_read_support_filter_zstd(archive)
        default: break
        }
    }

    /// Whether the media type says that it is an archive as it is. One that says how it is compressed is not believed: skopeo makes such manifests for
    /// the uncompressed layers of `docker save`.
    private static func isPlain(_ mediaType: String) -> Bool { mediaType.ends(with: ".tar") }

    /// By the first bytes: gzip (RFC 1952) or zstd (RFC 8878), whose frames may follow ones to skip; nil for neither, and for an archive whose first
    /// entry's name only begins so.
    private static func filter(of file: Int32) -> Int32? {
        var block = [UInt8](repeating: 0, count: TarHeader.size)
        let count = pread(file, &block, block.count, 0)
        guard count >= 4 else { return nil }
        if count == block.count, TarHeader.hasRightSum(block) { return nil }
        let magic = block[..<4]
        if magic[0] == 0x1f, magic[1] == 0x8b { return ARCHIVE_FILTER_GZIP }
        if magic == [0x28, 0xb5, 0x2f, 0xfd] || magic[0] & 0xf0 == 0x50 && Array(magic[1...]) == [0x2a, 0x4d, 0x18] {
            return ARCHIVE_FILTER_ZSTD
        }
        return nil
    }

    deinit {
        archive_read_free(archive)
        buffer.deallocate()
    }

    /// Begins to read.
    func open() throws(EngineError) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        let opened = archive_read_open(
            archive, context, nil,
            { archive, context, block in
                guard let context, let block else { return -1 }
                return Unmanaged<CompressedFile>.fromOpaque(context).takeUnretainedValue().fill(archive, block)
            }, nil)
        guard opened == ARCHIVE_OK else { throw error() }
        // The filter and the file itself.
        guard archive_filter_count(archive) <= 2 else { throw EngineError(.invalid, "is compressed more than once") }
        var entry: OpaquePointer?
        let header = archive_read_next_header(archive, &entry)
        if header == ARCHIVE_EOF {
            ended = true
        } else if header != ARCHIVE_OK {
            throw error()
        }
    }

    /// The next uncompressed bytes, valid until the next call; nil at the end.
    func next() throws(EngineError) -> UnsafeRawBufferPointer? {
        while !ended {
            var start: UnsafeRawPointer?
            var count = 0
            var offset: Int64 = 0
            let status = archive_read_data_block(archive, &start, &count, &offset)
            if status == ARCHIVE_EOF { break }
            guard status == ARCHIVE_OK else { throw error() }
            let block = UnsafeRawBufferPointer(start: start, count: count)
            if block.isEmpty { continue }
            try meter.uncompressed(block.count)
            uncompressed.update(block)
            return block
        }
        ended = true
        return nil
    }

    /// Reads what is left, and answers the digests of the blob and of what was in it.
    func finish() throws(EngineError) -> (blob: Digest, diffID: Digest) {
        while let bytes = try next() { try meter.discarded(Int64(bytes.count)) }
        var rest: UnsafeRawPointer?
        while fill(archive, &rest) > 0 {}
        if let failure { throw failure }
        return (compressed.finish(), uncompressed.finish())
    }

    private func fill(_ archive: OpaquePointer?, _ block: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
        while true {
            do throws(EngineError) {
                try meter.check()
            } catch {
                failure = error
                return -1
            }
            let count = read(file, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 {
                failure = .posix("reading the blob", errno)
                return -1
            }
            compressed.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            block.pointee = UnsafeRawPointer(buffer.baseAddress)
            return count
        }
    }

    private func error() -> EngineError {
        failure ?? EngineError(.invalid, "cannot be uncompressed: \(archiveMessage(archive))")
    }
}

/// What libarchive says about its last failure.
func archiveMessage(_ archive: OpaquePointer) -> String {
    guard let text = archive_error_string(archive) else { return "unknown error" }
    return String(cString: text)
}
