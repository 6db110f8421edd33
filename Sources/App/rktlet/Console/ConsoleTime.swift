import Glibc

/// A time as this console shows it: `2026-01-02 03:04:05.678`, in its time zone.
enum ConsoleTime {
    static func text(_ nanoseconds: Int64) -> String {
        var seconds = time_t(nanoseconds / 1_000_000_000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        var text = [CChar](repeating: 0, count: 32)
        strftime(&text, text.count, "%F %T", &parts)
        let digits = String(nanoseconds / 1_000_000 % 1000)
        let start = String(decoding: text.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
        return start + "." + String(repeating: "0", count: max(0, 3 - digits.utf8.count)) + digits
    }
}
