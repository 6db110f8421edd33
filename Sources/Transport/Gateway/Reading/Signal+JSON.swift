import ByteText
import Domain
import JSON
import RequestSyntax

extension Signal {
    /// The names of the CRI's enum, in the order of its numbers: alphabetical, as far as it goes. They are not signal numbers.
    private static let names: [String] = {
        let plain = [
            "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE",
            "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU",
            "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN",
        ]
        return ["RUNTIME_DEFAULT"] + plain.map { "SIG" + $0 } + (1...15).map { "SIGRTMINPLUS\($0)" }
            + (1...14).reversed().map { "SIGRTMAXMINUS\($0)" } + ["SIGRTMAX"]
    }()

    private static let prefix = "SIGNAL_"

    /// The signal that a value of the enum names; nil for the runtime's default.
    static func read(_ reader: inout MessageReader, _ name: String) throws(DomainError) -> Signal? {
        let path = reader.path.field(name)
        let text: String
        switch try reader.take(name) {
        case nil: return nil
        case .string(let given): text = given
        case .integer(let number):
            guard let index = Int(exactly: number), names.indices.contains(index) else {
                throw path.invalid("unknown value \(number)")
            }
            text = prefix + names[index]
        case let json?: throw path.expected("the name of a signal", json)
        }
        // Up to cri-api 0.36 the names had no prefix.
        let bare = text.without(prefix: prefix).map(String.init) ?? text
        guard names.has(bare) else {
            throw path.invalid("\(text.quotedForMessage) is no signal; write one as SIGNAL_SIGTERM")
        }
        return Signal(name: bare.replacing(text: "PLUS", with: "+").replacing(text: "MINUS", with: "-"))
    }

    /// This signal in the words of the enum; the runtime's default for the two numbers that the C library keeps to itself.
    var jsonName: String {
        let name = description.replacingByte("+", with: "PLUS").replacingByte("-", with: "MINUS")
        return Self.prefix + (Self.names.contains(name) ? name : "RUNTIME_DEFAULT")
    }
}
