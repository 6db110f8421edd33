import ByteText
import Glibc

/// A signal, as people and images write it: `SIGTERM`, `TERM`, `15`, `SIGRTMIN+3`, `SIGRTMAX-1`.
package struct Signal: Hashable, Sendable, CustomStringConvertible {
    /// 1 to 64.
    package let number: Int32

    package static let term = Signal(known: 15)
    package static let kill = Signal(known: 9)

    private init(known number: Int32) { self.number = number }

    package init(number: Int32) throws(EngineError) {
        guard (1...64).contains(number) else {
            throw EngineError(.invalid, "signal \(number): signals are numbered 1 to 64")
        }
        self.number = number
    }

    package init(parsing text: String) throws(EngineError) {
        guard let number = Self.number(of: text) else {
            throw EngineError(
                .invalid, "signal \"\(text)\": not a name (as SIGTERM or SIGRTMIN+3) or a number of 1 to 64")
        }
        self.number = number
    }

    /// `SIGTERM`; real-time signals count from `SIGRTMIN`.
    package var name: String {
        if let entry = Self.names.first(where: { $0.1 == number }) { return "SIG" + entry.0 }
        switch number {
        case Self.realTimeFirst: return "SIGRTMIN"
        case Self.realTimeLast: return "SIGRTMAX"
        case Self.realTimeFirst...Self.realTimeLast: return "SIGRTMIN+\(number - Self.realTimeFirst)"
        default: return "\(number)"
        }
    }

    package var description: String { name }

    // The C library keeps 32 and 33 for itself: its SIGRTMIN, and so everybody's, is 34.
    private static let realTimeFirst: Int32 = 34
    private static let realTimeLast: Int32 = 64

    private static let names: [(String, Int32)] = [
        ("HUP", 1), ("INT", 2), ("QUIT", 3), ("ILL", 4), ("TRAP", 5), ("ABRT", 6), ("BUS", 7), ("FPE", 8), ("KILL", 9),
        ("USR1", 10), ("SEGV", 11), ("USR2", 12), ("PIPE", 13), ("ALRM", 14), ("TERM", 15), ("STKFLT", 16),
        ("CHLD", 17),
        ("CONT", 18), ("STOP", 19), ("TSTP", 20), ("TTIN", 21), ("TTOU", 22), ("URG", 23), ("XCPU", 24), ("XFSZ", 25),
        ("VTALRM", 26), ("PROF", 27), ("WINCH", 28), ("IO", 29), ("PWR", 30), ("SYS", 31), ("IOT", 6), ("CLD", 17),
        ("POLL", 29),
    ]

    private static func number(of text: String) -> Int32? {
        if let number = Int32(digits: text) { return (1...64).contains(number) ? number : nil }
        let upper = text.uppercasedASCII
        let name = upper.without(prefix: "SIG") ?? upper[...]
        if let entry = names.first(where: { $0.0.isSame(as: name) }) { return entry.1 }
        return realTime(name)
    }

    private static func realTime(_ name: Substring) -> Int32? {
        let base: Int32
        let rest: Substring
        if let behind = name.without(prefix: "RTMIN") {
            (base, rest) = (realTimeFirst, behind)
        } else if let behind = name.without(prefix: "RTMAX") {
            (base, rest) = (realTimeLast, behind)
        } else {
            return nil
        }
        if rest.isEmpty { return base }
        guard rest.begins(with: "+") || rest.begins(with: "-"), let offset = Int32(rest),
            (realTimeFirst...realTimeLast).contains(base + min(max(offset, -64), 64))
        else { return nil }
        return base + offset
    }
}
