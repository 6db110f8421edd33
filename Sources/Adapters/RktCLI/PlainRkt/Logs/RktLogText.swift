/// Turns what rkt's stream files hold (`TIME STREAM CONTENT`, a line each, of any length) into the lines of a CRI log: `TIME STREAM F
/// CONTENT`, those beyond 16 KiB in pieces that are marked `P` up to their last.
struct RktLogText: Equatable {
    /// Bytes of a piece.
    static let longestPiece = 16384
    private static let blank = UInt8(ascii: " ")
    private static let newline = UInt8(ascii: "\n")

    /// `TIME STREAM ` of the line that was begun and not ended; empty between lines.
    private(set) var header: [UInt8]

    init(header: [UInt8] = []) { self.header = header }

    /// Reads whole lines, and what is left behind them when that must not wait.
    ///
    /// - Parameters:
    ///   - takingRest: also what has no line's end yet.
    ///   - isOver: nothing comes behind it: what has no end is a whole line.
    /// - Returns: the bytes that were read, and the text that they make.
    mutating func read(
        _ bytes: ArraySlice<UInt8>, takingRest: Bool, isOver: Bool
    ) -> (count: Int, text: [UInt8]) {
        var text: [UInt8] = []
        var rest = bytes
        while let end = rest.firstIndex(of: Self.newline) {
            write(rest[..<end], endsLine: true, &text)
            rest = rest[(end + 1)...]
        }
        if takingRest || isOver, !rest.isEmpty {
            write(rest, endsLine: isOver, &text)
            rest = rest[rest.endIndex...]
        }
        return (bytes.count - rest.count, text)
    }

    private mutating func write(_ line: ArraySlice<UInt8>, endsLine: Bool, _ text: inout [UInt8]) {
        var content = line
        if header.isEmpty {
            let blanks = line.indices.lazy.filter { line[$0] == Self.blank }.prefix(2)
            guard let last = Array(blanks).dropFirst().first else {
                // No line of rkt's: somebody else has written there.
                return
            }
            header = Array(line[...last])
            content = line[(last + 1)...]
        }
        while content.count > Self.longestPiece || (!endsLine && !content.isEmpty) {
            let piece = content.prefix(Self.longestPiece)
            put("P ", piece, &text)
            content = content.dropFirst(piece.count)
        }
        guard endsLine else { return }
        put("F ", content, &text)
        header = []
    }

    private func put(_ tag: StaticString, _ piece: ArraySlice<UInt8>, _ text: inout [UInt8]) {
        text += header
        tag.withUTF8Buffer { text += $0 }
        text += piece
        text.append(Self.newline)
    }
}
