import Glibc

/// Cuts one output stream into the lines of the CRI log format, `<time> <stream> <P|F> <content>`: bytes in, formatted bytes
/// out. P is a part of a line that goes on, F its end.
///
/// It holds nothing but an unfinished line, one piece of it at most. The time it takes is that of copying, whatever the lines are like.
struct LogLines {
    /// The longest content of one log line, in bytes.
    static let pieceSize = 16 << 10
    /// Time, stream, tag and line feed of a line, at most.
    private static let headSize = 64

    private let stream: LogStream
    private let pieceSize: Int
    private var unfinished: [UInt8] = []
    /// `<time> <stream> ` of what is being taken: one read has one time.
    private var head: [UInt8] = []

    /// - Parameter pieceSize: the longest content of one line, at least 1; a buffer has room for it and 64 bytes more.
    init(_ stream: LogStream, pieceSize: Int = LogLines.pieceSize) {
        self.stream = stream
        self.pieceSize = pieceSize
    }

    /// Takes what was read at `time` (nanoseconds since the epoch) and appends what is complete to `output`, which `flush` empties when it
    /// is full.
    mutating func take(
        _ bytes: UnsafeRawBufferPointer, at time: Int64, into output: inout LogBuffer,
        _ flush: (inout LogBuffer) -> Void
    ) {
        writeHead(time)
        var rest = bytes
        while let start = rest.baseAddress, let found = memchr(start, 0x0a, rest.count) {
            let end = start.distance(to: found)
            line(UnsafeRawBufferPointer(rebasing: rest[..<end]), isComplete: true, &output, flush)
            rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
        }
        if !rest.isEmpty { line(rest, isComplete: false, &output, flush) }
    }

    /// The stream has ended: what is left never got its line feed and is written as a part, so that a reader joining parts
    /// sees exactly the bytes there were.
    mutating func end(at time: Int64, into output: inout LogBuffer, _ flush: (inout LogBuffer) -> Void) {
        guard !unfinished.isEmpty else { return }
        writeHead(time)
        append(Self.nothing, "P", &output, flush)
        unfinished = []
    }

    private static var nothing: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

    private mutating func writeHead(_ time: Int64) {
        head.removeAll(keepingCapacity: true)
        LogTime.append(time, to: &head)
        stream.field.withUTF8Buffer { head.append(contentsOf: $0) }
    }

    private mutating func line(
        _ bytes: UnsafeRawBufferPointer, isComplete: Bool, _ output: inout LogBuffer,
        _ flush: (inout LogBuffer) -> Void
    ) {
        var rest = bytes
        // More than a piece is in hand: the first piece is a part for certain.
        while unfinished.count + rest.count > pieceSize {
            let count = pieceSize - unfinished.count
            append(UnsafeRawBufferPointer(rebasing: rest[..<count]), "P", &output, flush)
            unfinished.removeAll(keepingCapacity: true)
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        if isComplete {
            append(rest, "F", &output, flush)
            // Lines seldom come in parts; let the memory go with the line.
            if !unfinished.isEmpty { unfinished = [] }
        } else {
            unfinished.append(contentsOf: rest)
        }
    }

    /// What is unfinished, and `tail`.
    private func append(
        _ tail: UnsafeRawBufferPointer, _ tag: Unicode.Scalar, _ output: inout LogBuffer,
        _ flush: (inout LogBuffer) -> Void
    ) {
        if !output.hasRoom(for: Self.headSize + unfinished.count + tail.count) { flush(&output) }
        head.withUnsafeBytes { output.append($0) }
        output.append(UInt8(ascii: tag))
        output.append(UInt8(ascii: " "))
        if !unfinished.isEmpty { unfinished.withUnsafeBytes { output.append($0) } }
        output.append(tail)
        output.append(UInt8(ascii: "\n"))
    }
}
