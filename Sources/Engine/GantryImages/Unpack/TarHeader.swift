import GantryCore

/// One header block of an archive: V7, ustar, star or GNU tar, fields as they stand.
struct TarHeader {
    static let size = 512

    let type: UInt8
    /// With ustar's prefix.
    let name: [UInt8]
    let linkName: [UInt8]
    let mode: Int64
    let owner: Int64
    let group: Int64
    let contentSize: Int64
    let modified: Int64
    let deviceMajor: Int64
    let deviceMinor: Int64
    private let block: [UInt8]

    /// - Parameter block: 512 bytes, not all zero.
    init(_ block: [UInt8]) throws(EngineError) {
        self.block = block
        guard Self.hasRightSum(block) else {
            throw EngineError(.invalid, "is no sound tar archive: a header's checksum is wrong")
        }
        type = block[156]
        linkName = Self.text(block[157..<257])
        mode = try Self.number(block[100..<108], "mode")
        owner = try Self.number(block[108..<116], "owner")
        group = try Self.number(block[116..<124], "group")
        contentSize = try Self.number(block[124..<136], "size")
        modified = try Self.number(block[136..<148], "time")
        let isUstar = block[257..<263].elementsEqual("ustar\u{0}".utf8)
        let isGNU = block[257..<265].elementsEqual("ustar  \u{0}".utf8)
        let isDevice = type == UInt8(ascii: "3") || type == UInt8(ascii: "4")
        deviceMajor = isDevice && (isUstar || isGNU) ? try Self.number(block[329..<337], "device") : 0
        deviceMinor = isDevice && (isUstar || isGNU) ? try Self.number(block[337..<345], "device") : 0
        let isStar = isUstar && block[508..<512].elementsEqual("tar\u{0}".utf8)
        let prefix = isUstar ? Self.text(block[345..<(isStar ? 476 : 500)]) : []
        let short = Self.text(block[0..<100])
        name = prefix.isEmpty ? short : prefix + [UInt8(ascii: "/")] + short
    }

    static func isZero(_ block: [UInt8]) -> Bool { block.allSatisfy { $0 == 0 } }

    /// The holes of an old GNU sparse file, as far as they stand in here.
    func oldSparse() throws(EngineError) -> (map: [Int64], goesOn: Bool, realSize: Int64) {
        (
            try Self.sparsePairs(block[386..<482]), block[482] != 0, try Self.number(block[483..<495], "size")
        )
    }

    /// Offsets and lengths by turns, up to the first empty one.
    static func sparsePairs(_ bytes: ArraySlice<UInt8>) throws(EngineError) -> [Int64] {
        var map: [Int64] = []
        var start = bytes.startIndex
        while start + 24 <= bytes.endIndex, bytes[start] != 0 {
            map.append(try number(bytes[start..<(start + 12)], "map"))
            map.append(try number(bytes[(start + 12)..<(start + 24)], "map"))
            start += 24
        }
        return map
    }

    /// The sum over the block, its own field taken as blanks; some old archivers added signed bytes.
    static func hasRightSum(_ block: [UInt8]) -> Bool {
        guard let wanted = octal(block[148..<156]) else { return false }
        var unsigned: Int64 = 0
        var negative: Int64 = 0
        for byte in block {
            unsigned += Int64(byte)
            if byte >= 0x80 { negative += 256 }
        }
        for byte in block[148..<156] {
            unsigned += Int64(UInt8(ascii: " ")) - Int64(byte)
            if byte >= 0x80 { negative -= 256 }
        }
        let signed = unsigned - negative
        return wanted == unsigned || wanted == signed
    }

    private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] { Array(field.prefix { $0 != 0 }) }

    private static func number(_ field: ArraySlice<UInt8>, _ what: String) throws(EngineError) -> Int64 {
        guard let number = field.first.map({ $0 & 0x80 != 0 }) == true ? binary(field) : octal(field) else {
            throw EngineError(.invalid, "is no sound tar archive: a header's \(what) is no number")
        }
        return number
    }

    /// Blanks and NULs around octal digits; nothing is 0.
    private static func octal(_ field: ArraySlice<UInt8>) -> Int64? {
        let digits = field.drop { $0 == UInt8(ascii: " ") || $0 == 0 }.prefix { $0 != UInt8(ascii: " ") && $0 != 0 }
        var value: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit), value < 1 << 59 else { return nil }
            value = value << 3 | Int64(digit - UInt8(ascii: "0"))
        }
        return value
    }

    /// GNU's numbers that octal digits have no room for: big-endian two's complement, the topmost bit a mark.
    private static func binary(_ field: ArraySlice<UInt8>) -> Int64? {
        let isNegative = (field.first ?? 0) & 0x40 != 0
        var value: Int64 = isNegative ? -1 : 0
        for (index, byte) in field.enumerated() {
            let byte = index == 0 ? (isNegative ? byte | 0x80 : byte & 0x7f) : byte
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 256)
            if overflow { return nil }
            value = shifted | Int64(byte)
        }
        return value
    }
}
