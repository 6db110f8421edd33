/// Cuts a stream of bytes into lines, however it comes in.
package struct LineSplitter {
    private let limit: Int
    private var rest: [UInt8] = []

    /// - Parameter limit: bytes of a line, without its end.
    package init(limit: Int) { self.limit = limit }

    /// Calls `line` for each line that is complete now, without its end.
    /// - Returns: false when a line is longer than the limit; nothing more is to be fed then.
    package mutating func feed(_ chunk: UnsafeRawBufferPointer, _ line: ([UInt8]) -> Void) -> Bool {
        var start = 0
        while let end = chunk[start...].firstIndex(of: UInt8(ascii: "\n")) {
            guard rest.count + end - start <= limit else { return false }
            rest.append(contentsOf: chunk[start..<end])
            line(rest)
            rest.removeAll(keepingCapacity: rest.capacity <= 1 << 20)
            start = end + 1
        }
        guard rest.count + chunk.count - start <= limit else { return false }
        rest.append(contentsOf: chunk[start...])
        return true
    }
}
