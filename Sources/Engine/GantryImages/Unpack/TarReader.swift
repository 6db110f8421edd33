import CArchive
import GantryCore
import Glibc

/// The entries of a layer, one by one (ustar, pax and GNU tar).
final class TarReader {
    private let source: CompressedFile
    private let archive: OpaquePointer
    private var failure: EngineError?

    init(_ source: CompressedFile) throws(EngineError) {
        guard gantry_archive_use_utf8_names() != 0 else {
            throw EngineError(.internal, "the C library has no locale C.UTF-8, which the names in layers need")
        }
        guard let archive = archive_read_new() else { throw EngineError(.exhausted, "no memory to read a layer") }
        self.source = source
        self.archive = archive
        archive_read_support_format_tar(archive)
        archive_read_support_format_empty(archive)
    }

    deinit {
        archive_read_free(archive)
    }

    func open() throws(EngineError) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        let opened = archive_read_open(
            archive, context, nil,
            { _, context, block in
                guard let context, let block else { return -1 }
                return Unmanaged<TarReader>.fromOpaque(context).takeUnretainedValue().fill(block)
            }, nil)
        guard opened == ARCHIVE_OK else { throw error() }
    }

    /// The next entry, valid until the next call; nil at the end.
    func next() throws(EngineError) -> TarEntry? {
        var entry: OpaquePointer?
        switch archive_read_next_header(archive, &entry) {
        case ARCHIVE_EOF: return nil
        // A warning is about a name or attribute that could not be converted; the entry itself is there.
        case ARCHIVE_OK, ARCHIVE_WARN: break
        default: throw error()
        }
        guard let entry else { throw error() }
        return try TarEntry(entry)
    }

    /// Hands over the entry's content piece by piece, with its place in the file: what lies between is a hole.
    func content(_ body: (UnsafeRawBufferPointer, Int64) throws(EngineError) -> Void) throws(EngineError) {
        while true {
            var start: UnsafeRawPointer?
            var count = 0
            var offset: Int64 = 0
            switch archive_read_data_block(archive, &start, &count, &offset) {
            case ARCHIVE_EOF: return
            case ARCHIVE_OK: try body(UnsafeRawBufferPointer(start: start, count: count), offset)
            default: throw error()
            }
        }
    }

    private func fill(_ block: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
        do throws(EngineError) {
            guard let bytes = try source.next() else { return 0 }
            block.pointee = bytes.baseAddress
            return bytes.count
        } catch {
            failure = error
            return -1
        }
    }

    private func error() -> EngineError {
        failure ?? EngineError(.invalid, "is no sound tar archive: \(archiveMessage(archive))")
    }
}
