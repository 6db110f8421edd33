import ByteText
import GantryCore
import Glibc

/// Rows under a heading, columns aligned. What is in them, a terminal only shows.
struct Table {
    private var rows: [[String]]

    init(_ heading: [String]) {
        rows = [heading]
    }

    mutating func add(_ row: [String]) {
        rows.append(row.map { $0.isEmpty ? "-" : $0.forTerminal })
    }

    var text: String {
        let columns = rows[0].count
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                column == columns - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}

/// Sizes and times for people.
enum Readable {
    /// `12.3MiB`
    static func bytes(_ count: Int64) -> String {
        var value = Double(count)
        for unit in ["B", "KiB", "MiB", "GiB"] {
            if value < 1024 { return unit == "B" ? "\(count)B" : "\(tenths(value))\(unit)" }
            value /= 1024
        }
        return "\(tenths(value))TiB"
    }

    private static func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// A moment in seconds or nanoseconds since the epoch: `2026-01-31 12:00:00 UTC (5 minutes ago)`.
    static func time(_ moment: Int64, at now: Int64 = Clock.now()) -> String {
        let isNanoseconds = moment > 1_000_000_000_000
        var seconds = time_t(isNanoseconds ? moment / 1_000_000_000 : moment)
        var fields = tm()
        gmtime_r(&seconds, &fields)
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = buffer.withUnsafeMutableBytes {
            strftime($0.baseAddress, $0.count, "%Y-%m-%d %H:%M:%S UTC", &fields)
        }
        let text = String(decoding: buffer[..<count], as: UTF8.self)
        return "\(text) (\(age(of: Int64(seconds) * 1_000_000_000, at: now)))"
    }

    /// How long ago a moment was, both in nanoseconds since the epoch: `5 minutes ago`.
    static func age(of moment: Int64?, at now: Int64) -> String {
        guard let moment, moment > 0 else { return "" }
        let seconds = max(0, now.subtractingSaturating(moment)) / 1_000_000_000
        for (length, unit) in [(86400, "day"), (3600, "hour"), (60, "minute")] as [(Int64, String)]
        where seconds >= length {
            let count = seconds / length
            return "\(count) \(unit)\(count == 1 ? "" : "s") ago"
        }
        return "\(seconds) second\(seconds == 1 ? "" : "s") ago"
    }
}
