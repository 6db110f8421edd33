/// Taking text apart, byte by byte. `split`, `firstIndex(of:)` and the like go by `Character`: there CR LF is one, and so is a separator
/// with the combining mark behind it, so that what follows is no separator at all.
extension StringProtocol {
    /// What is between the separators, also if it is nothing: one piece more than there are separators, at most `maxPieces`, the last with the rest.
    package func pieces(at separator: ASCII, maxPieces: Int = .max) -> [Substring] {
        Substring(self).parts(maxPieces: maxPieces, keepingEmpty: true) { $0 == separator.byte }
    }

    /// What is between the separators and not empty, at most `maxWords`, the last with the rest.
    package func words(at separator: ASCII, maxWords: Int = .max) -> [Substring] {
        Substring(self).parts(maxPieces: maxWords, keepingEmpty: false) { $0 == separator.byte }
    }

    /// What is between ASCII blanks, line ends included.
    package var words: [Substring] { Substring(self).parts(maxPieces: .max, keepingEmpty: false, at: \.isASCIIBlank) }

    /// The lines, which end in LF and in nothing else; a CR before it stays. After the last LF there is no further empty line.
    package var lines: [Substring] {
        var lines = pieces(at: "\n")
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// What is before and behind the first of `separator`; nil without one.
    package func cut(at separator: ASCII) -> (before: Substring, after: Substring)? {
        let text = Substring(self)
        return text.utf8.firstIndex(of: separator.byte).map { text.cut($0, length: 1) }
    }

    /// What is before and behind the last of `separator`; nil without one.
    package func cutLast(at separator: ASCII) -> (before: Substring, after: Substring)? {
        let text = Substring(self)
        return text.utf8.lastIndex(of: separator.byte).map { text.cut($0, length: 1) }
    }

    /// What is before and behind the first `separator` of several bytes; nil without one, and for an empty one.
    package func cut(atText separator: some StringProtocol) -> (before: Substring, after: Substring)? {
        let text = Substring(self)
        return Substring(separator).withBytes { wanted in
            text.offset(of: wanted).map { offset in
                text.cut(text.utf8.index(text.startIndex, offsetBy: offset), length: wanted.count)
            }
        }
    }

    /// What is between the separators of several bytes, also if it is nothing; all of it for an empty separator.
    package func pieces(atText separator: some StringProtocol) -> [Substring] {
        var pieces: [Substring] = []
        var rest = Substring(self)
        while let (before, after) = rest.cut(atText: separator) {
            pieces.append(before)
            rest = after
        }
        return pieces + [rest]
    }

    /// What is before the first of `separator`; all of it without one.
    package func upTo(_ separator: ASCII) -> Substring { cut(at: separator)?.before ?? Substring(self) }

    /// The bytes at the beginning for which `isWanted` holds, which must hold for ASCII alone, and what follows.
    package func leading(_ isWanted: (UInt8) -> Bool) -> (head: Substring, rest: Substring) {
        let text = Substring(self)
        let place = text.utf8.firstIndex { !isWanted($0) } ?? text.endIndex
        return (text[..<place], text[place...])
    }

    /// Its beginning, of at most `limit` bytes; a character of Unicode is not cut in two.
    package func shortened(to limit: Int) -> Substring {
        let text = Substring(self)
        guard text.utf8.count > limit else { return text }
        var place = text.utf8.index(text.startIndex, offsetBy: Swift.max(0, limit))
        while place > text.startIndex, text.utf8[place] & 0xc0 == 0x80 { place = text.utf8.index(before: place) }
        return text[..<place]
    }

    /// Without the ASCII blanks at both ends.
    package var trimmed: Substring {
        let text = Substring(self).utf8
        guard let first = text.firstIndex(where: { !$0.isASCIIBlank }),
            let last = text.lastIndex(where: { !$0.isASCIIBlank })
        else { return "" }
        return Substring(text[first...last])
    }
}

extension Substring {
    fileprivate func cut(_ place: Index, length: Int) -> (before: Substring, after: Substring) {
        (self[..<place], self[utf8.index(place, offsetBy: length)...])
    }

    fileprivate func parts(
        maxPieces: Int, keepingEmpty: Bool, at isSeparator: (UInt8) -> Bool
    ) -> [Substring] {
        // Of a view of bytes: each piece shares the text's storage.
        utf8.split(
            maxSplits: Swift.max(0, maxPieces - 1), omittingEmptySubsequences: !keepingEmpty,
            whereSeparator: isSeparator
        )
        .map(Substring.init)
    }

    /// How many bytes stand before the first place where `wanted` is.
    func offset(of wanted: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let first = wanted.first else { return nil }
        return withBytes { bytes in
            var place = 0
            while place + wanted.count <= bytes.count {
                guard let found = bytes[place...].firstIndex(of: first), found + wanted.count <= bytes.count else {
                    return nil
                }
                if bytes[found..<found + wanted.count].elementsEqual(wanted) { return found }
                place = found + 1
            }
            return nil
        }
    }
}
