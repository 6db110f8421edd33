import CGantry

/// How a process ended.
package struct ExitStatus: Equatable, Sendable {
    /// The exit status, or the number of the signal.
    package let number: Int32
    package let isSignal: Bool

    package init(number: Int32, isSignal: Bool) {
        self.number = number
        self.isSignal = isSignal
    }

    init(_ exit: gantry_exit) { self.init(number: exit.code, isSignal: exit.signalled) }

    /// As a shell says it: 128+n for a signal.
    package var code: Int32 { isSignal ? 128 + number : number }
    package var isSuccess: Bool { !isSignal && number == 0 }

    package var description: String { isSignal ? "killed by signal \(number)" : "exit status \(number)" }
}
