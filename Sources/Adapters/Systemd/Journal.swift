import CSystemd
import Glibc

/// The system journal: writing structured entries, reading a unit's last lines.
package enum Journal {
    /// Whether this process's stderr is a stream of the journal (systemd.exec(5), JOURNAL_STREAM).
    package static var isStandardError: Bool {
        guard let stream = getenv("JOURNAL_STREAM") else { return false }
        var status = stat()
        guard fstat(STDERR_FILENO, &status) == 0 else { return false }
        return String(cString: stream) == "\(status.st_dev):\(status.st_ino)"
    }

    /// Writes one entry. Values may hold anything, line breaks and NUL included. Field names are upper-case letters, digits and `_`, not
    /// first; others are left out.
    /// - Returns: false when the journal did not take it. Where no journal runs, the entry is dropped and the answer is true.
    @discardableResult
    package static func send(_ message: String, priority: JournalPriority, fields: [(name: String, value: String)] = [])
        -> Bool
    {
        var lines = ["MESSAGE=" + message, "PRIORITY=\(priority.rawValue)"]
        for field in fields where isFieldName(field.name) { lines.append(field.name + "=" + field.value) }
        return send(lines.map { Array($0.utf8) })
    }

    /// Letters, digits and `_`, at most 64, beginning with a letter: what the journal takes from a client.
    package static func isFieldName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else { return false }
        return name.utf8.count <= 64
            && name.utf8.allSatisfy { byte in
                (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "_")
            }
    }

    private static func send(_ lines: [[UInt8]]) -> Bool {
        let bytes = Array(lines.joined())
        return bytes.withUnsafeBytes { buffer in
            var offset = 0
            var vectors: [iovec] = []
            for line in lines {
                // The journal only reads: iov_base is mutable because the type is shared with readv(2).
                let start = buffer.baseAddress.map { UnsafeMutableRawPointer(mutating: $0 + offset) }
                vectors.append(iovec(iov_base: start, iov_len: line.count))
                offset += line.count
            }
            return sd_journal_sendv(&vectors, Int32(vectors.count)) >= 0
        }
    }

    /// The last `count` messages of a unit, oldest first, with what systemd itself said about it. Empty where the journal cannot be
    /// read: this is for error reports, which do without. The journal may be rate-limited.
    package static func lastLines(of unit: String, count: Int) async -> [String] {
        guard count > 0 else { return [] }
        let lines = try? await DedicatedThread.run { () -> [String] in
            JournalSync.wait()
            guard let reader = JournalReader() else { return [] }
            return reader.last(count, of: unit)
        }
        return lines ?? []
    }
}
