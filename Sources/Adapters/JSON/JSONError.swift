/// Why a text is not acceptable JSON, and where.
package struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong, for a person.
    package let message: String
    /// The line of the offending byte; the first is 1.
    package let line: Int
    /// The offending byte's place in its line, counted in bytes; the first is 1.
    package let column: Int

    package var description: String { "JSON line \(line) column \(column): \(message)" }

    init(_ message: String, at offset: Int, in bytes: UnsafeBufferPointer<UInt8>) {
        var line = 1
        var lineStart = 0
        let end = min(offset, bytes.count)
        for index in 0..<end where bytes[index] == UInt8(ascii: "\n") {
            line += 1
            lineStart = index + 1
        }
        self.message = message
        self.line = line
        self.column = end - lineStart + 1
    }
}
