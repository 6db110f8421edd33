import Domain
import JSON
import NIOCore

/// Sizes of a terminal, one JSON object after the other: `{"Width":80,"Height":24}`.
package struct ResizeReader {
    private static let limit = 1024

    private var bytes: [UInt8] = []
    /// What made no sense once has no beginning by which to go on.
    private var isBroken = false

    package init() {}

    /// - Returns: the last size that is whole now. Those before it are of no interest any more.
    package mutating func read(_ piece: ByteBuffer) -> TerminalSize? {
        guard !isBroken else { return nil }
        var last: TerminalSize?
        for byte in piece.readableBytesView {
            bytes.append(byte)
            guard byte == UInt8(ascii: "}") || bytes.count > Self.limit else { continue }
            guard let size = Self.size(bytes) else {
                isBroken = true
                bytes = []
                break
            }
            bytes = []
            // Nothing can be shown in no cells: a client that knows no size says so.
            if size.columns > 0 && size.rows > 0 { last = size }
        }
        return last
    }

    private static func size(_ bytes: [UInt8]) -> TerminalSize? {
        guard let object = try? JSON(parsing: bytes),
            let columns = object["Width"]?.uint64Value.flatMap(UInt16.init(exactly:)),
            let rows = object["Height"]?.uint64Value.flatMap(UInt16.init(exactly:))
        else { return nil }
        return TerminalSize(columns: columns, rows: rows)
    }
}
