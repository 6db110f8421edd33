/// Whether bytes are UTF-8 (RFC 3629, section 4), in whatever pieces they come.
struct UTF8Validator {
    /// How many bytes the character still has.
    private var left = 0
    /// What the next of them may be.
    private var range: ClosedRange<UInt8> = 0x80...0xbf

    /// Whether it stands between two characters.
    var isWhole: Bool { left == 0 }

    /// - Returns: how many of these bytes come before the first that is wrong; all of them where none is.
    mutating func validate(_ bytes: UnsafeRawBufferPointer) -> Int {
        for (index, byte) in bytes.enumerated() where !take(byte) { return index }
        return bytes.count
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard left == 0 else {
            guard range.contains(byte) else { return false }
            left -= 1
            range = 0x80...0xbf
            return true
        }
        switch byte {
        case ..<0x80: break
        case 0xc2...0xdf: left = 1
        case 0xe0: (left, range) = (2, 0xa0...0xbf)
        // No surrogates.
        case 0xed: (left, range) = (2, 0x80...0x9f)
        case 0xe1...0xef: left = 2
        case 0xf0: (left, range) = (3, 0x90...0xbf)
        case 0xf1...0xf3: left = 3
        case 0xf4: (left, range) = (3, 0x80...0x8f)
        default: return false
        }
        return true
    }
}
