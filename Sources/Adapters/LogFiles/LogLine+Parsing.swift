import Domain

extension LogLine {
    /// `2026-11-23T23:04:05.000000007Z stdout F text`, without the line's end; nil for what is no line of a CRI log.
    package init?(parsing line: ArraySlice<UInt8>) {
        let space = UInt8(ascii: " ")
        guard let first = line.firstIndex(of: space),
            let second = line[(first + 1)...].firstIndex(of: space),
            let third = line[(second + 1)...].firstIndex(of: space)
        else { return nil }
        let time = String(decoding: line[..<first], as: UTF8.self)
        guard let at = Timestamp(rfc3339: time),
            let stream = LogStreamName(rawValue: String(decoding: line[(first + 1)..<second], as: UTF8.self))
        else { return nil }
        // Tags are separated by colons; P and F are the ones there are.
        let isPartial = line[(second + 1)..<third].first == UInt8(ascii: "P")
        self.init(at: at, time: time, stream: stream, isPartial: isPartial, content: Array(line[(third + 1)...]))
    }
}
