import ByteText

/// A signal by its Linux number on every architecture Kubernetes runs on (1...64).
package struct Signal: Hashable, Sendable, CustomStringConvertible {
    package let number: Int32

    /// Nil outside 1...64.
    package init?(number: Int32) {
        guard (1...64).contains(number) else { return nil }
        self.number = number
    }

    private init(known number: Int32) { self.number = number }

    package static let term = Signal(known: 15)
    package static let kill = Signal(known: 9)

    /// `SIGTERM`, `TERM`, `15`, `SIGRTMIN+3`, `SIGRTMAX-2`; nil for anything else.
    package init?(name: String) {
        if let number = Int32(digits: name) {
            self.init(number: number)
            return
        }
        let upper = name.uppercasedASCII
        let bare = upper.without(prefix: "SIG") ?? upper[...]
        if let number = Self.numbers[text: bare] {
            self.init(number: number)
        } else if let offset = bare.without(prefix: "RTMIN+").flatMap({ Int32(digits: $0) }), (0...15).contains(offset)
        {
            self.init(number: 34 + offset)
        } else if let offset = bare.without(prefix: "RTMAX-").flatMap({ Int32(digits: $0) }), (0...14).contains(offset)
        {
            self.init(number: 64 - offset)
        } else {
            return nil
        }
    }

    /// `SIGTERM`, `SIGRTMIN+3`, …
    package var description: String {
        if let name = Self.names[number] { return "SIG" + name }
        return number >= 50 ? "SIGRTMAX-\(64 - number)" : "SIGRTMIN+\(number - 34)"
    }

    private static let numbers: [ByteString: Int32] = [
        "HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "TRAP": 5, "ABRT": 6, "IOT": 6, "BUS": 7, "FPE": 8, "KILL": 9,
        "USR1": 10, "SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15, "STKFLT": 16, "CHLD": 17, "CLD": 17,
        "CONT": 18, "STOP": 19, "TSTP": 20, "TTIN": 21, "TTOU": 22, "URG": 23, "XCPU": 24, "XFSZ": 25, "VTALRM": 26,
        "PROF": 27, "WINCH": 28, "IO": 29, "POLL": 29, "PWR": 30, "SYS": 31, "RTMIN": 34, "RTMAX": 64,
    ]

    private static let names: [Int32: String] = {
        var names: [Int32: String] = [:]
        for (name, number) in numbers where !["IOT", "CLD", "POLL"].contains(name) { names[number] = name.text }
        return names
    }()
}
