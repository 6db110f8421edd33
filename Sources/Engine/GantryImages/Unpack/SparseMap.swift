import GantryCore

/// Where the pieces of a file with holes belong.
struct SparseMap: Equatable {
    struct Piece: Equatable {
        let offset: Int64
        let length: Int64
    }

    let pieces: [Piece]
    /// The file's length, holes included.
    let realSize: Int64

    /// - Parameters:
    ///   - numbers: offsets and lengths by turns.
    ///   - stored: how many bytes the archive holds.
    /// - Throws: `invalid` where pieces overlap, go beyond the end, or are more than what is stored.
    init(_ numbers: [Int64], realSize: Int64, stored: Int64) throws(EngineError) {
        guard numbers.count.isMultiple(of: 2), realSize >= 0 else { throw Self.odd }
        var pieces: [Piece] = []
        var end: Int64 = 0
        var sum: Int64 = 0
        for index in stride(from: 0, to: numbers.count, by: 2) {
            let (offset, length) = (numbers[index], numbers[index + 1])
            let (next, overflow) = offset.addingReportingOverflow(length)
            guard offset >= end, length >= 0, !overflow, next <= realSize else { throw Self.odd }
            end = next
            // No overflow: what does not overlap is no more than the length.
            sum += length
            if length > 0 { pieces.append(Piece(offset: offset, length: length)) }
        }
        guard sum <= stored else { throw Self.odd }
        self.pieces = pieces
        self.realSize = realSize
    }

    private static let odd = EngineError(.invalid, "has a file with holes that overlap or do not fit")
}
