import ByteText
import Domain

/// A container's command and environment in rkt's words: byte for byte what was asked for, or a refusal by the field's name.
///
/// rkt writes both into files of systemd. A command becomes a quoted `ExecStart=`, in which rkt 1.30.0 leaves `%` to be expanded (what
/// came after it does not); the program's own name is not escaped at all. The environment becomes an `EnvironmentFile=` without any quoting.
struct RktWords {
    /// Whether a `%` must be written twice to arrive once; nil: this rkt's way is not known.
    let doublesPercent: Bool?
    private let version: String

    /// - Parameter version: as rkt tells it.
    init(version: String) {
        self.version = version
        doublesPercent = version.isSame(as: "1.30.0") ? true : nil
    }

    /// `--exec=PROGRAM -- ARGUMENT... ---`; empty when the image's own command is meant.
    func command(_ config: ContainerConfig) throws(DomainError) -> [String] {
        var flags: [String] = []
        if let program = config.command.first {
            try check(program: program)
            flags.append("--exec=\(program)")
        }
        var words: [String] = []
        for (index, word) in config.command.enumerated().dropFirst() {
            words.append(try argument(word, "config.command[\(index)]"))
        }
        for (index, word) in config.args.enumerated() { words.append(try argument(word, "config.args[\(index)]")) }
        // Behind the lone "--" nothing is a flag of rkt any more, up to "---".
        return words.isEmpty ? flags : flags + ["--"] + words + ["---"]
    }

    /// `--environment=NAME=VALUE` each.
    func environment(_ variables: [EnvironmentVariable]) throws(DomainError) -> [String] {
        var flags: [String] = []
        for (index, variable) in variables.enumerated() {
            let field = "config.envs[\(index)]"
            guard Self.isName(variable.name) else {
                throw Self.refusal("\(field).key", "rkt keeps names of letters, digits and _ only")
            }
            try Self.check(value: variable.value, "\(field).value")
            flags.append("--environment=\(variable.name)=\(variable.value)")
        }
        return flags
    }

    private func check(program: String) throws(DomainError) {
        let field = "config.command[0]"
        guard !program.isEmpty else { throw Self.refusal(field, "it is empty") }
        guard !program.utf8.contains(where: { $0.isASCIIControl || "%$\\\"'".utf8.contains($0) }) else {
            throw Self.refusal(
                field, "rkt would change a program's name with %, $, \\, quotes or control characters in it")
        }
    }

    private func argument(_ word: String, _ field: String) throws(DomainError) -> String {
        guard !word.isEmpty else { throw Self.refusal(field, "rkt drops empty arguments") }
        guard !word.isSame(as: "---") else { throw Self.refusal(field, "--- ends the arguments for rkt") }
        guard !word.utf8.contains(0) else { throw Self.refusal(field, "it holds a NUL") }
        guard word.has("%") else { return word }
        switch doublesPercent {
        case true?: return word.replacingByte("%", with: "%%")
        case false?: return word
        case nil:
            throw Self.refusal(
                field, "whether rkt \(version) would expand the % in it is not known; 1.30.0 can be told")
        }
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !first.isASCIIDigit else { return false }
        return name.utf8.allSatisfy { $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "_") }
    }

    private static func check(value: String, _ field: String) throws(DomainError) {
        let bytes = value.utf8
        guard !bytes.contains(where: { $0 == UInt8(ascii: "\\") }) else {
            throw refusal(field, "rkt drops the backslash in it")
        }
        guard !bytes.contains(where: { $0.isASCIIControl && $0 != UInt8(ascii: "\t") }) else {
            throw refusal(field, "rkt changes a value with line breaks or other control characters")
        }
        guard let first = bytes.first, let last = bytes.last else { return }
        guard !first.isASCIIBlank, !last.isASCIIBlank else {
            throw refusal(field, "rkt drops white space at a value's ends")
        }
        guard first != UInt8(ascii: "\""), first != UInt8(ascii: "'") else {
            throw refusal(field, "rkt takes the quote that it begins with away")
        }
    }

    private static func refusal(_ field: String, _ why: String) -> DomainError {
        DomainError(.invalidArgument, "\(field): \(why); use the engine gantry for it")
    }
}
