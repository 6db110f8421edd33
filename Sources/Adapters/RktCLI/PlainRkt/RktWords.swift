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

    /// `--exec=PROGRAM -- ARGUMENT... ---`. All of it is said, also what the image has: rkt would put arguments behind the first word of the image's own
    /// command, and leave a `%` of the image's to systemd.
    func command(
        _ config: ContainerConfig, image: RktImageConfig = RktImageConfig()
    ) throws(DomainError) -> [String] {
        let isOwn = !config.command.isEmpty
        var words = Self.fields(
            isOwn ? config.command : image.entrypoint, isOwn ? "config.command" : "config.image.image: its entrypoint")
        if config.args.isEmpty, !isOwn {
            words += Self.fields(image.command, "config.image.image: its cmd")
        } else {
            words += Self.fields(config.args, "config.args")
        }
        guard let program = words.first else {
            throw DomainError(
                .invalidArgument, "config.command: neither it, nor config.args, nor the image names a program")
        }
        try check(program: program.word, program.field)
        var rest: [String] = []
        for (word, field) in words.dropFirst() { rest.append(try argument(word, field)) }
        // Behind the lone "--" nothing is a flag of rkt any more, up to "---".
        return ["--exec=\(program.word)"] + (rest.isEmpty ? [] : ["--"] + rest + ["---"])
    }

    private static func fields(_ words: [String], _ field: String) -> [(word: String, field: String)] {
        words.enumerated().map { ($0.element, "\(field)[\($0.offset)]") }
    }

    /// `--environment=NAME=VALUE` each. The image's own variables are rkt's business, unless they would arrive changed.
    func environment(
        _ variables: [EnvironmentVariable], image: RktImageConfig = RktImageConfig()
    ) throws(DomainError) -> [String] {
        var flags: [String] = []
        for (index, variable) in variables.enumerated() {
            try Self.check(variable, "config.envs[\(index)]")
            flags.append("--environment=\(variable.name)=\(variable.value)")
        }
        for variable in image.environment where !variables.map(\.name).has(variable.name) {
            let name = variable.name.onOneLine.shortened(to: 80)
            try Self.check(variable, "config.image.image: its variable \(name)")
        }
        return flags
    }

    /// `--working-dir=PATH`; empty where the image's holds. rkt writes it into a line of a unit as it is.
    func workingDirectory(_ config: ContainerConfig, image: RktImageConfig) throws(DomainError) -> [String] {
        guard config.workingDirectory.isEmpty else {
            try Self.check(path: config.workingDirectory, "config.working_dir")
            return ["--working-dir=\(config.workingDirectory)"]
        }
        if !image.workingDirectory.isEmpty {
            try Self.check(path: image.workingDirectory, "config.image.image: its working directory")
        }
        return []
    }

    /// - Throws: when the path would be another in a line of a unit.
    static func check(path: String, _ field: String) throws(DomainError) {
        guard path.isAbsolutePath else { throw refusal(field, "it is not absolute") }
        guard !path.utf8.contains(where: { $0.isASCIIControl || "%\\\"'".utf8.contains($0) }),
            path.utf8.last?.isASCIIBlank == false
        else {
            throw refusal(
                field, "rkt would change a path with %, \\, quotes, control characters, or a blank at its end")
        }
    }

    private func check(program: String, _ field: String) throws(DomainError) {
        guard !program.isEmpty else { throw Self.refusal(field, "it is empty") }
        guard !program.utf8.contains(where: { $0.isASCIIControl || "%$\\\"'".utf8.contains($0) }) else {
            throw Self.refusal(
                field, "rkt would change a program's name with %, $, \\, quotes or control characters in it")
        }
    }

    private static func check(_ variable: EnvironmentVariable, _ field: String) throws(DomainError) {
        guard isName(variable.name) else {
            throw refusal("\(field).key", "rkt keeps names of letters, digits and _ only")
        }
        try check(value: variable.value, "\(field).value")
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
