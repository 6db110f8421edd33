import GantryCore
import Glibc
import Gzip

@testable import GantryImages

extension FuzzTarget {
    /// A layer's archive, read without being unpacked. The first byte says whether checksums are put right and whether it is compressed.
    static let archives = FuzzTarget("archives", longest: 8192) { input in
        guard let archive = Archive(input) else { return }
        try archive.read { source in
            let reader = TarReader(source, UnpackMeter())
            var entries = 0
            var content: Int64 = 0
            while let entry = try? reader.next() {
                entries += 1
                try promise(entries <= archive.size / 512, "more entries than blocks")
                for component in entry.name.components {
                    try promise(
                        !component.isEmpty && !component.contains(0x2f) && !component.contains(0)
                            && !component.elementsEqual(".".utf8) && !component.elementsEqual("..".utf8),
                        "a name that leads elsewhere")
                }
                try promise((0...0o7777).contains(entry.mode), "more than permissions")
                guard case .file(let size) = entry.kind else { continue }
                PlantedTrap.here(size == 0x1234 && entry.owner == 77)
                var end: Int64 = 0
                let isRead =
                    (try? reader.content { (bytes, offset) throws(EngineError) in
                        content += Int64(bytes.count)
                        if offset < end { throw EngineError(.internal, "overlap") }
                        end = offset + Int64(bytes.count)
                    }) != nil
                if isRead { try promise(end <= size, "content behind the end of its file") }
                try promise(content <= Int64(archive.size), "more content than there is")
                if !isRead { break }
            }
        }
    }

    /// A layer unpacked into a directory in memory: nothing outside of it is touched, and it can be removed again.
    static let layers = FuzzTarget("layers", longest: 4609) { input in
        guard let archive = Archive(input) else { return }
        let scratch = try OpenDirectory.open("/dev/shm")
        let name = "rktlet-fuzz-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        let place = try scratch.make(name, mode: 0o700)
        defer { try? scratch.removeTree(name) }
        let root = try place.make("root", mode: 0o755)
        try place.write("secret", Array("untouched".utf8))
        try archive.read { source in
            let meter = UnpackMeter()
            let reader = TarReader(source, meter)
            let writer = LayerWriter(root, meter)
            do {
                while let entry = try reader.next() {
                    // What would fill the memory is the business of the tests of bounds.
                    if case .file(let size) = entry.kind, size > 1 << 20 { break }
                    try writer.add(entry, reader)
                }
                let tree = try writer.finish()
                try promise(tree.usage.bytes >= 0 && tree.usage.inodes > 0, "a negative size")
            } catch {
                try promise((error as? EngineError)?.code != .internal, "an internal error: \(error)")
            }
        }
        try promise(try Set(place.names()) == ["root", "secret"], "something beside the root")
        try promise(try place.read("secret", limit: 100) == Array("untouched".utf8), "what is outside has changed")
        var file = stat()
        PlantedTrap.here(fstatat(root.descriptor, "a/b/c", &file, AT_SYMLINK_NOFOLLOW) == 0 && file.st_uid == 77)
    }
}

/// An input as an archive in a file.
struct Archive {
    let bytes: [UInt8]
    let size: Int

    init?(_ input: [UInt8]) {
        guard let first = input.first else { return nil }
        var archive = Array(input.dropFirst())
        if first & 1 == 0 { Self.seal(&archive) }
        size = archive.count
        guard first & 2 != 0 else {
            bytes = archive
            return
        }
        guard let packed = try? CompressionFormat.gzip.compress(archive) else { return nil }
        bytes = packed
    }

    /// Puts the checksum of every block right that says it is a header: no fuzzer would guess it.
    private static func seal(_ archive: inout [UInt8]) {
        for start in stride(from: 0, to: archive.count - 511, by: 512)
        where archive[(start + 257)..<(start + 262)].elementsEqual("ustar".utf8) {
            for index in (start + 148)..<(start + 156) { archive[index] = 0x20 }
            var sum = archive[start..<(start + 512)].reduce(0) { $0 + Int($1) }
            for index in stride(from: start + 153, through: start + 148, by: -1) {
                archive[index] = 0x30 + UInt8(sum & 7)
                sum >>= 3
            }
            archive[start + 154] = 0
        }
    }

    func read(_ body: (CompressedFile) throws -> Void) throws {
        let path = "/dev/shm/rktlet-fuzz-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).tar"
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Finding("no file \(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        unlink(path)
        guard bytes.withUnsafeBytes({ pwrite(file, $0.baseAddress, $0.count, 0) }) == bytes.count else {
            throw Finding("cannot write \(path)")
        }
        let source = try CompressedFile(file)
        do throws(EngineError) { try source.open() } catch { return }
        try body(source)
    }
}
