import Glibc

/// Comparing text, byte by byte. `==` on strings is canonical equivalence: the precomposed é equals e and U+0301, and the Kelvin sign
/// equals K; two files, labels or keys that every other program holds apart would be one. For the same reason they are not to be keys of
/// dictionaries and members of sets: ``ByteString`` is.
extension StringProtocol {
    /// How many bytes of UTF-8 it has: what limits are about. `count` is the number of letters, any of which may have a megabyte.
    package var byteCount: Int { utf8.count }

    /// Of the same bytes.
    package func isSame(as other: some StringProtocol) -> Bool {
        Substring(self).withBytes { own in Substring(other).withBytes { own.elementsEqual($0) } }
    }

    /// Of the same bytes, but for the case of ASCII letters: names of HTTP's header fields and hosts.
    package func isSameIgnoringCase(as other: some StringProtocol) -> Bool {
        utf8.count == other.utf8.count && zip(utf8, other.utf8).allSatisfy { $0.lowercasedASCII == $1.lowercasedASCII }
    }

    package func begins(with prefix: some StringProtocol) -> Bool { utf8.starts(with: prefix.utf8) }

    package func ends(with suffix: some StringProtocol) -> Bool { utf8.reversed().starts(with: suffix.utf8.reversed()) }

    /// What is behind `prefix`; nil if it does not begin so.
    package func without(prefix: some StringProtocol) -> Substring? {
        begins(with: prefix) ? Substring(Substring(self).utf8.dropFirst(prefix.utf8.count)) : nil
    }

    /// What is before `suffix`; nil if it does not end so.
    package func without(suffix: some StringProtocol) -> Substring? {
        ends(with: suffix) ? Substring(Substring(self).utf8.dropLast(suffix.utf8.count)) : nil
    }

    package func has(_ character: ASCII) -> Bool { utf8.contains(character.byte) }

    /// Has these bytes somewhere; not for an empty text.
    package func has(text: some StringProtocol) -> Bool { cut(atText: text) != nil }

    /// Before `other` by bytes, which for UTF-8 is the order of code points: the order of sorted lists.
    package func precedes(_ other: some StringProtocol) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }

    /// ASCII letters in lower case, everything else as it is.
    package var lowercasedASCII: String { String(decoding: utf8.map(\.lowercasedASCII), as: UTF8.self) }

    /// ASCII letters in upper case, everything else as it is.
    package var uppercasedASCII: String { String(decoding: utf8.map(\.uppercasedASCII), as: UTF8.self) }

    /// With a blank in place of each ASCII control character, and one of CR LF: what a line of a log may hold.
    package var onOneLine: String {
        let text = replacing(text: "\r\n", with: " ")
        return String(decoding: text.utf8.map { $0.isASCIIControl ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }

    /// With another text in place of each `character`.
    package func replacingByte(_ character: ASCII, with text: StaticString) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count)
        text.withUTF8Buffer { replacement in
            for byte in utf8 {
                if byte == character.byte { bytes += replacement } else { bytes.append(byte) }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// With `replacement` in place of each `text`.
    package func replacing(text: some StringProtocol, with replacement: String) -> String {
        pieces(atText: text).joined(separator: replacement)
    }
}

/// The same for two strings. A generic function of another module is not specialised: a comparison by it costs a hundred times as much, and lists
/// and JSON compare a million names.
extension String {
    package func isSame(as other: String) -> Bool {
        self[...].withBytes { own in
            other[...].withBytes { $0.count == own.count && own.comparesTo($0) == 0 }
        }
    }

    package func precedes(_ other: String) -> Bool {
        self[...].withBytes { own in
            other[...].withBytes { other in
                let order = own.comparesTo(other)
                return order == 0 ? own.count < other.count : order < 0
            }
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// As memcmp(3) over what both have.
    fileprivate func comparesTo(_ other: Self) -> CInt {
        guard let own = baseAddress, let others = other.baseAddress else { return 0 }
        return memcmp(own, others, Swift.min(count, other.count))
    }
}

extension Sequence where Element: StringProtocol {
    /// Whether one of them is of the same bytes.
    package func has(_ text: some StringProtocol) -> Bool { contains { $0.isSame(as: text) } }

    /// In the order of their bytes.
    package func sortedByBytes() -> [Element] { sorted { $0.precedes($1) } }
}

extension Substring {
    /// The bytes in one piece; they are copied only where the string is a foreign one.
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let result = utf8.withContiguousStorageIfAvailable(body) { return result }
        return Array(utf8).withUnsafeBufferPointer(body)
    }
}
