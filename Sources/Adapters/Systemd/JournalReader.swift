import CSystemd
import Glibc

/// An open journal. Blocks: use it on a thread of its own.
struct JournalReader: ~Copyable {
    /// Bytes of one message that are shown; the rest is cut.
    private static let longestLine = 2048
    let handle: OpaquePointer

    /// Nil when there is no journal or it may not be read.
    init?() {
        var handle: OpaquePointer?
        let status = sd_journal_open(&handle, Int32(SD_JOURNAL_LOCAL_ONLY) | Int32(SD_JOURNAL_SYSTEM))
        guard status >= 0, let handle else {
            errno = -status
            return nil
        }
        self.handle = handle
    }

    deinit { sd_journal_close(handle) }

    func add(_ match: String) -> Bool {
        let bytes = Array(match.utf8)
        return sd_journal_add_match(handle, bytes, bytes.count) >= 0
    }

    /// The last messages, oldest first: what the unit's processes wrote, and what systemd (pid 1) said of it. To be called once.
    func last(_ count: Int, of unit: String) -> [String] {
        guard add("_SYSTEMD_UNIT=\(unit)"), sd_journal_add_disjunction(handle) >= 0, add("UNIT=\(unit)"), add("_PID=1"),
            sd_journal_seek_tail(handle) >= 0
        else { return [] }
        var lines: [String] = []
        while lines.count < count, sd_journal_previous(handle) > 0 {
            if let line = message() { lines.append(line) }
        }
        return lines.reversed()
    }

    private func message() -> String? {
        var data: UnsafeRawPointer?
        var length = 0
        guard sd_journal_get_data(handle, "MESSAGE", &data, &length) >= 0, let data else { return nil }
        let prefix = "MESSAGE=".utf8.count
        guard length >= prefix else { return nil }
        let shown = min(length - prefix, Self.longestLine)
        return String(decoding: UnsafeRawBufferPointer(start: data + prefix, count: shown), as: UTF8.self)
    }
}
