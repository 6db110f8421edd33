import Domain
import LogFiles

@testable import GantryCore

extension FuzzTarget {
    /// What a container writes, through the log's writer and its reader: every byte comes back. The first three bytes say how much comes at once, how
    /// long a piece of a line may be, and how much the writer's buffer holds: the true sizes, tens of thousands, would leave a hundred inputs a second.
    static let logs = FuzzTarget("logs", longest: 512) { input in
        guard input.count > 3 else { return }
        let content = input[3...]
        // A line of somebody else's.
        if let line = LogLine(parsing: content) {
            try promise(line.content.count < content.count, "a line longer than itself")
            PlantedTrap.here(line.isPartial && line.stream == .stderr && line.content.first != 0x64 && input[1] < 16)
        }
        let piece = 1 + Int(input[1])
        let sizes = Sizes(read: 1 + Int(input[0]), piece: piece, buffer: piece + 65 + Int(input[2]) * 8)
        let output = try written(content, sizes)
        try promise(output.count <= 64 * (content.count + 1), "\(output.count) bytes of \(content.count)")
        var read: [UInt8] = []
        for text in output.split(separator: 0x0a) {
            guard let line = LogLine(parsing: text) else { throw Finding("a line that its reader does not know") }
            try promise(line.stream == .stdout && line.content.count <= piece, "another stream, or a long line")
            read += line.content
            if !line.isPartial { read.append(0x0a) }
        }
        try promise(read[...] == content, "other bytes than were written")
    }

    private struct Sizes {
        let read: Int
        let piece: Int
        let buffer: Int
    }

    private static func written(_ content: ArraySlice<UInt8>, _ sizes: Sizes) throws -> [UInt8] {
        var lines = GantryCore.LogLines(.stdout, pieceSize: sizes.piece)
        var output: [UInt8] = []
        var isTooLong = false
        let flush: (inout LogBuffer) -> Void = { buffer in
            let whole = buffer.lines(isTorn: false)
            isTooLong = isTooLong || whole.count > sizes.buffer
            output += whole
            buffer.removeAll()
        }
        LogBuffer.with(size: sizes.buffer) { buffer in
            var rest = content
            while !rest.isEmpty {
                rest.prefix(sizes.read).withUnsafeBytes {
                    lines.take($0, at: 1_790_000_000_000_000_007, into: &buffer, flush)
                }
                rest = rest.dropFirst(sizes.read)
            }
            lines.end(at: 1_790_000_000_000_000_007, into: &buffer, flush)
            flush(&buffer)
        }
        try promise(!isTooLong, "a flush of more than the buffer holds")
        return output
    }
}
