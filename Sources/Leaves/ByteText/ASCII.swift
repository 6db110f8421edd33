/// One ASCII character, which is one byte of UTF-8: what separates the parts of a text that came from outside.
///
/// It is written as a literal, `"="`. A byte of this kind never is a part of another character's encoding, so that a text
/// cut there stays valid UTF-8, whatever stands on either side: a combining mark after it is a piece's first scalar.
package struct ASCII: ExpressibleByUnicodeScalarLiteral, Hashable, Sendable {
    package let byte: UInt8

    /// Traps for what is not ASCII: the literals are our own.
    package init(unicodeScalarLiteral scalar: Unicode.Scalar) {
        precondition(scalar.isASCII, "a separator must be ASCII")
        byte = UInt8(truncatingIfNeeded: scalar.value)
    }
}

/// Classes of bytes. Of ASCII alone: `Character.isNumber` takes digits of any script, `isNewline` takes U+2028.
extension UInt8 {
    package var isASCIIDigit: Bool { (0x30...0x39).contains(self) }
    package var isASCIILower: Bool { (0x61...0x7a).contains(self) }
    package var isASCIIUpper: Bool { (0x41...0x5a).contains(self) }
    package var isASCIILetter: Bool { isASCIILower || isASCIIUpper }
    package var isASCIIAlphanumeric: Bool { isASCIIDigit || isASCIILetter }
    /// A digit, or a letter of `a` to `f`: ids and digests are written in lower case.
    package var isLowerHex: Bool { isASCIIDigit || (0x61...0x66).contains(self) }
    /// A blank or one of TAB, LF, VT, FF, CR: what isspace(3) takes in the C locale.
    package var isASCIIBlank: Bool { self == 0x20 || (0x09...0x0d).contains(self) }
    /// Below a blank, or DEL.
    package var isASCIIControl: Bool { self < 0x20 || self == 0x7f }
    package var lowercasedASCII: UInt8 { isASCIIUpper ? self | 0x20 : self }
    package var uppercasedASCII: UInt8 { isASCIILower ? self & 0xdf : self }
}
