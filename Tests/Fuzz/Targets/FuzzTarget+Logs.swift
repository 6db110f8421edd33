import Domain
import LogFiles

@testable import GantryCore

extension FuzzTarget {
    /// What a container writes, through the log's writer and its reader: every byte comes back. The first byte says in what pieces it comes;
    /// 0xff, a byte and its number stand for a long run of it.
    static let logs = FuzzTarget("logs", longest: 512) { input in
        guard let first = input.first else { return }
        let content = expanded(input.dropFirst())[...]
        // A line of somebody else's.
        if let line = LogLine(parsing: content) {
            try promise(line.content.count < content.count, "a line longer than itself")
            PlantedTrap.here(line.isPartial && line.stream == .stderr && line.content.first != 0x64)
        }
        let size = first == 0 ? max(1, content.count) : Int(first) * 7
        let output = written(content, inPiecesOf: size)
        try promise(output.count <= 64 * (content.count + 1), "\(output.count) bytes of \(content.count)")
        var read: [UInt8] = []
        for text in output.split(separator: 0x0a) {
            guard let line = LogLine(parsing: text) else { throw Finding("a line that its reader does not know") }
            try promise(line.stream == .stdout && line.content.count <= 16 << 10, "another stream, or a long line")
            read += line.content
            if !line.isPartial { read.append(0x0a) }
        }
        try promise(read.elementsEqual(content), "other bytes than were written")
    }

    private static func written(_ content: ArraySlice<UInt8>, inPiecesOf size: Int) -> [UInt8] {
        var lines = GantryCore.LogLines(.stdout)
        var output: [UInt8] = []
        let flush: (inout LogBuffer) -> Void = { buffer in
            output += buffer.lines(isTorn: false)
            buffer.removeAll()
        }
        LogBuffer.with { buffer in
            var index = content.startIndex
            while index < content.endIndex {
                let end = min(index + size, content.endIndex)
                content[index..<end].withUnsafeBytes {
                    lines.take($0, at: 1_790_000_000_000_000_007, into: &buffer, flush)
                }
                index = end
            }
            lines.end(at: 1_790_000_000_000_000_007, into: &buffer, flush)
            flush(&buffer)
        }
        return output
    }

    private static func expanded(_ input: ArraySlice<UInt8>) -> [UInt8] {
        var content: [UInt8] = []
        var rest = input
        while let byte = rest.popFirst() {
            guard byte == 0xff, content.count < 40_000, let value = rest.popFirst(), let count = rest.popFirst() else {
                content.append(byte)
                continue
            }
            // Tens of thousands of empty lines would make each input a matter of milliseconds.
            content.append(contentsOf: repeatElement(value, count: Int(count) * (value == 0x0a ? 4 : 65)))
        }
        return content
    }
}
