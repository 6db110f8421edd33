/// Cuts one output stream into the lines of the CRI log format, `<time> <stream> <P|F> <content>`: bytes in, formatted bytes
/// out. P is a part of a line that goes on, F its end.
///
/// It holds nothing but an unfinished line, 16 KiB of it at most.
struct LogLines {
    /// The longest content of one log line, in bytes.
    static let pieceSize = 16 << 10

    private let stream: LogStream
    private var unfinished: [UInt8] = []

    init(_ stream: LogStream) { self.stream = stream }

    /// Takes what was read at `time` (nanoseconds since the epoch) and appends what is complete to `output`.
    mutating func take(_ bytes: UnsafeRawBufferPointer, at time: Int64, into output: inout [UInt8]) {
        var rest = bytes
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            line(UnsafeRawBufferPointer(rebasing: rest[..<end]), at: time, isComplete: true, into: &output)
            rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
        }
        if !rest.isEmpty { line(rest, at: time, isComplete: false, into: &output) }
    }

    /// The stream has ended: what is left never got its line feed and is written as a part, so that a reader joining parts
    /// sees exactly the bytes there were.
    mutating func end(at time: Int64, into output: inout [UInt8]) {
        guard !unfinished.isEmpty else { return }
        unfinished.withUnsafeBytes { append($0, UnsafeRawBufferPointer(start: nil, count: 0), "P", time, &output) }
        unfinished = []
    }

    private mutating func line(
        _ bytes: UnsafeRawBufferPointer, at time: Int64, isComplete: Bool, into output: inout [UInt8]
    ) {
        var rest = bytes
        // More than a piece is in hand: the first piece is a part for certain.
        while unfinished.count + rest.count > Self.pieceSize {
            let count = Self.pieceSize - unfinished.count
            let head = UnsafeRawBufferPointer(rebasing: rest[..<count])
            unfinished.withUnsafeBytes { append($0, head, "P", time, &output) }
            unfinished.removeAll(keepingCapacity: true)
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        if isComplete {
            unfinished.withUnsafeBytes { append($0, rest, "F", time, &output) }
            // Lines seldom come in parts; let the memory go with the line.
            unfinished = []
        } else {
            unfinished.append(contentsOf: rest)
        }
    }

    private func append(
        _ head: UnsafeRawBufferPointer, _ tail: UnsafeRawBufferPointer, _ tag: Unicode.Scalar, _ time: Int64,
        _ output: inout [UInt8]
    ) {
        output.reserveCapacity(output.count + 48 + head.count + tail.count)
        LogTime.append(time, to: &output)
        stream.field.withUTF8Buffer { output.append(contentsOf: $0) }
        output.append(UInt8(ascii: tag))
        output.append(UInt8(ascii: " "))
        output.append(contentsOf: head)
        output.append(contentsOf: tail)
        output.append(UInt8(ascii: "\n"))
    }
}
