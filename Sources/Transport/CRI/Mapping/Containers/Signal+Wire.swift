import Domain

extension Signal {
    private static let realTimeMinimum: Int32 = 34
    private static let realTimeMaximum: Int32 = 64

    /// The signal that an enum value names, nil for the runtime's default. The enum counts the names in alphabetical
    /// order: its raw values are not signal numbers.
    package static func parse(_ wire: Runtime_V1_Signal, at path: FieldPath) throws(DomainError) -> Signal? {
        switch wire {
        case .runtimeDefault: return nil
        case .UNRECOGNIZED(let value): throw path.unknownValue(value)
        default:
            guard let number = numbers[wire], let signal = Signal(number: number) else {
                throw path.unknownValue(wire.rawValue)
            }
            return signal
        }
    }

    /// The enum value of this signal; `runtimeDefault` for the two numbers that the C library keeps to itself.
    package var wire: Runtime_V1_Signal { Self.names[number] ?? .runtimeDefault }

    private static let numbers: [Runtime_V1_Signal: Int32] = {
        var numbers: [Runtime_V1_Signal: Int32] = [
            .sighup: 1, .sigint: 2, .sigquit: 3, .sigill: 4, .sigtrap: 5, .sigabrt: 6, .sigiot: 6, .sigbus: 7,
            .sigfpe: 8, .sigkill: 9, .sigusr1: 10, .sigsegv: 11, .sigusr2: 12, .sigpipe: 13, .sigalrm: 14,
            .sigterm: 15, .sigstkflt: 16, .sigchld: 17, .sigcld: 17, .sigcont: 18, .sigstop: 19, .sigtstp: 20,
            .sigttin: 21, .sigttou: 22, .sigurg: 23, .sigxcpu: 24, .sigxfsz: 25, .sigvtalrm: 26, .sigprof: 27,
            .sigwinch: 28, .sigio: 29, .sigpoll: 29, .sigpwr: 30, .sigsys: 31,
        ]
        for (offset, signal) in fromMinimum.enumerated() { numbers[signal] = realTimeMinimum + Int32(offset) }
        for (offset, signal) in toMaximum.enumerated() { numbers[signal] = realTimeMaximum - Int32(offset) }
        return numbers
    }()

    private static let names: [Int32: Runtime_V1_Signal] = {
        let aliases: Set<Runtime_V1_Signal> = [.sigiot, .sigcld, .sigpoll]
        return Dictionary(
            uniqueKeysWithValues: numbers.filter { !aliases.contains($0.key) }.map { ($0.value, $0.key) })
    }()

    private static let fromMinimum: [Runtime_V1_Signal] = [
        .sigrtmin, .sigrtminplus1, .sigrtminplus2, .sigrtminplus3, .sigrtminplus4, .sigrtminplus5, .sigrtminplus6,
        .sigrtminplus7, .sigrtminplus8, .sigrtminplus9, .sigrtminplus10, .sigrtminplus11, .sigrtminplus12,
        .sigrtminplus13, .sigrtminplus14, .sigrtminplus15,
    ]

    private static let toMaximum: [Runtime_V1_Signal] = [
        .sigrtmax, .sigrtmaxminus1, .sigrtmaxminus2, .sigrtmaxminus3, .sigrtmaxminus4, .sigrtmaxminus5,
        .sigrtmaxminus6, .sigrtmaxminus7, .sigrtmaxminus8, .sigrtmaxminus9, .sigrtmaxminus10, .sigrtmaxminus11,
        .sigrtmaxminus12, .sigrtmaxminus13, .sigrtmaxminus14,
    ]
}
