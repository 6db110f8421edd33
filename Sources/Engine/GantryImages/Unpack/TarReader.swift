import GantryCore
import Glibc

/// The entries of a layer, one by one: ustar, pax and GNU tar, taken as Go's archive/tar takes them, which all other container tools
/// read and write layers with.
///
/// An own reader, since libarchive converts names: it composes Unicode, and replaces what is not UTF-8.
final class TarReader {
    private let source: CompressedFile
    private let meter: UnpackMeter
    private var limits: ImageLimits { meter.limits }
    /// What is left of the piece that came last.
    private var piece = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Bytes of the current entry's content not read yet, and what fills up its last block.
    private var contentLeft: Int64 = 0
    private var padding: Int64 = 0
    private var sparse: SparseMap?

    init(_ source: CompressedFile, _ meter: UnpackMeter) {
        self.source = source
        self.meter = meter
    }

    /// The next entry; nil at the end.
    func next() throws(EngineError) -> TarEntry? {
        if contentLeft > 0 { try meter.discarded(contentLeft) }
        try skip(contentLeft)
        try skip(padding)
        (contentLeft, padding, sparse) = (0, 0, nil)
        var pax = PaxRecords()
        var longName: [UInt8]?
        var longLink: [UInt8]?
        while let header = try readHeader() {
            switch header.type {
            case UInt8(ascii: "x"), UInt8(ascii: "X"): pax = try PaxRecords(parsing: readExtension(header), limits)
            case UInt8(ascii: "g"): _ = try readExtension(header)
            case UInt8(ascii: "L"): longName = Array(try readExtension(header).prefix { $0 != 0 })
            case UInt8(ascii: "K"): longLink = Array(try readExtension(header).prefix { $0 != 0 })
            case UInt8(ascii: "V"): _ = try readExtension(header)
            default: return try entry(header, pax, longName, longLink)
            }
        }
        return nil
    }

    /// Hands over the entry's content piece by piece, with its place in the file: what lies between is a hole.
    func content(_ body: (UnsafeRawBufferPointer, Int64) throws(EngineError) -> Void) throws(EngineError) {
        let pieces = sparse?.pieces ?? [SparseMap.Piece(offset: 0, length: contentLeft)]
        for part in pieces {
            var done: Int64 = 0
            while done < part.length {
                guard try fill() else { throw Self.cutOff }
                let count = Int(min(Int64(piece.count), part.length - done))
                try body(UnsafeRawBufferPointer(rebasing: piece[..<count]), part.offset + done)
                piece = UnsafeRawBufferPointer(rebasing: piece[count...])
                done += Int64(count)
                contentLeft -= Int64(count)
            }
        }
    }

    private func entry(
        _ header: TarHeader, _ pax: PaxRecords, _ longName: [UInt8]?, _ longLink: [UInt8]?
    ) throws(EngineError) -> TarEntry {
        let size = pax.size ?? header.contentSize
        guard size >= 0, size <= Int64.max - 1024 else {
            throw EngineError(.invalid, "has an entry of an impossible size")
        }
        let holdsContent = !TarEntry.isHeaderOnly(header.type)
        contentLeft = holdsContent ? size : 0
        padding = (512 - contentLeft % 512) % 512
        if holdsContent { sparse = try readSparseMap(header, pax) }
        let name = pax.sparse.name ?? longName ?? pax.path ?? header.name
        return try TarEntry(
            header, pax, name: name, link: longLink ?? pax.linkPath ?? header.linkName,
            size: sparse?.realSize ?? contentLeft, limits)
    }

    private func readSparseMap(_ header: TarHeader, _ pax: PaxRecords) throws(EngineError) -> SparseMap? {
        if header.type == UInt8(ascii: "S") {
            var (map, goesOn, realSize) = try header.oldSparse()
            while goesOn {
                try meter.header(Int64(TarHeader.size))
                let block = try read(TarHeader.size)
                map += try TarHeader.sparsePairs(block[0..<504])
                goesOn = block[504] != 0
                try check(map)
            }
            return try SparseMap(map, realSize: realSize, stored: contentLeft)
        }
        guard let realSize = pax.sparse.realSize else { return nil }
        guard pax.sparse.major == 1 else {
            try check(pax.sparse.map)
            return pax.sparse.map.isEmpty ? nil : try SparseMap(pax.sparse.map, realSize: realSize, stored: contentLeft)
        }
        return try SparseMap(readLeadingMap(), realSize: realSize, stored: contentLeft)
    }

    /// Version 1.0: the map stands in front of the content, as decimal lines that fill up blocks.
    private func readLeadingMap() throws(EngineError) -> [Int64] {
        var numbers: [Int64] = []
        var line: [UInt8] = []
        var wanted: Int?
        while wanted.map({ numbers.count < $0 }) ?? true {
            guard contentLeft >= 512 else { throw Self.cutOff }
            try meter.header(512)
            let block = try read(512)
            contentLeft -= 512
            for byte in block {
                guard byte == UInt8(ascii: "\n") else {
                    line.append(byte)
                    continue
                }
                if let wanted, numbers.count == wanted { break }
                guard let number = Decimal.integer(line), number >= 0 else {
                    throw EngineError(.invalid, "has a file with holes whose map makes no sense")
                }
                line = []
                if wanted == nil {
                    guard number <= Int64(limits.sparsePieces) else {
                        throw .beyond(limits.sparsePieces, "pieces of a file with holes")
                    }
                    wanted = Int(number) * 2
                } else {
                    numbers.append(number)
                }
            }
            guard line.count <= 512 * 2 else { throw Self.cutOff }
        }
        return numbers
    }

    private func check(_ map: [Int64]) throws(EngineError) {
        guard map.count <= limits.sparsePieces * 2 else {
            throw .beyond(limits.sparsePieces, "pieces of a file with holes")
        }
    }

    /// nil at the end: two blocks of zeros, or nothing more.
    private func readHeader() throws(EngineError) -> TarHeader? {
        guard try fill() else { return nil }
        let block = try read(TarHeader.size)
        guard TarHeader.isZero(block) else { return try TarHeader(block) }
        guard try fill() else { return nil }
        guard TarHeader.isZero(try read(TarHeader.size)) else {
            throw EngineError(.invalid, "is no sound tar archive: it goes on behind its end")
        }
        try meter.discarded(Int64(piece.count))
        return nil
    }

    private func readExtension(_ header: TarHeader) throws(EngineError) -> [UInt8] {
        guard header.contentSize >= 0 else {
            throw EngineError(.invalid, "has an extended header of \(header.contentSize) bytes")
        }
        guard header.contentSize <= Int64(limits.headerBytes) else {
            throw .beyond(limits.headerBytes, "bytes in an extended header")
        }
        try meter.header(Int64(TarHeader.size) + header.contentSize)
        let bytes = try read(Int(header.contentSize))
        try skip((512 - header.contentSize % 512) % 512)
        return bytes
    }

    private func read(_ count: Int) throws(EngineError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            guard try fill() else { throw Self.cutOff }
            let part = min(piece.count, count - bytes.count)
            bytes.append(contentsOf: piece[..<part])
            piece = UnsafeRawBufferPointer(rebasing: piece[part...])
        }
        return bytes
    }

    private func skip(_ count: Int64) throws(EngineError) {
        var left = count
        while left > 0 {
            guard try fill() else { throw Self.cutOff }
            let part = Int(min(Int64(piece.count), left))
            piece = UnsafeRawBufferPointer(rebasing: piece[part...])
            left -= Int64(part)
        }
    }

    /// Sees to it that there is a byte to read; false at the end.
    private func fill() throws(EngineError) -> Bool {
        while piece.isEmpty {
            guard let next = try source.next() else { return false }
            piece = next
        }
        return true
    }

    private static let cutOff = EngineError(.invalid, "is no sound tar archive: it ends in the middle of an entry")
}
