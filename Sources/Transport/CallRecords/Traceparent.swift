import ByteText

/// The header by which callers say to which trace a call belongs (W3C Trace Context, section 3.2).
enum Traceparent {
    /// `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`: of any version, in that version's form; nothing else is kept of what a
    /// caller sends.
    static func isValid(_ text: String) -> Bool {
        guard text.utf8.count == 55 else { return false }
        for (place, byte) in text.utf8.enumerated() {
            let isDash = place == 2 || place == 35 || place == 52
            guard isDash ? byte == UInt8(ascii: "-") : byte.isLowerHex else { return false }
        }
        return true
    }
}
