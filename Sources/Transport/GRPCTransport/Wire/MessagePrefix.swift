/// The five bytes before each message of a response, which is never compressed.
enum MessagePrefix {
    static func encode(length: Int) -> [UInt8] {
        let length = UInt32(clamping: length)
        return [
            0, UInt8(truncatingIfNeeded: length >> 24), UInt8(truncatingIfNeeded: length >> 16),
            UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length),
        ]
    }
}
