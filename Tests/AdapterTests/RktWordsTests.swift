import Domain
import Testing

@testable import RktCLI

/// What rkt 1.30.0 and systemd make of words, as far as it matters here: rkt's `quoteExec` and `WriteEnvFile`, systemd's reading of
/// `ExecStart=` (systemd.service(5), "Command lines") and of an `EnvironmentFile=` (systemd.exec(5)).
private enum QuotingModel {
    /// The arguments that the program gets, its own name first.
    static func arguments(_ flags: [String]) -> [String] {
        guard let program = flags.first?.dropFirst("--exec=".count) else { return [] }
        var words: [String] = []
        // rkt's own flags end at the first "--"; what is behind is the app's up to "---". An empty word is lost on the way.
        if let start = flags.firstIndex(of: "--") {
            words = flags[(start + 1)...].prefix { $0 != "---" }.filter { !$0.isEmpty }
        }
        return [String(program)] + words.map { unquote(quote($0)) }
    }

    /// As Go's `%q`; then `'` and `$` escaped, and in this release nothing done about `%`.
    private static func quote(_ word: String) -> String {
        var text = ""
        for scalar in word.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "'": text += "\\'"
            case "$": text += "$$"
            case "\u{1}"..<" ", "\u{7f}":
                let digits = String(scalar.value, radix: 16)
                text += "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    private static func unquote(_ text: String) -> String {
        var word = ""
        var rest = Array(text.unicodeScalars)[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\\":
                switch rest.popFirst() {
                case "n"?: word += "\n"
                case "t"?: word += "\t"
                case "x"?:
                    let digits = String(String.UnicodeScalarView(rest.prefix(2)))
                    rest = rest.dropFirst(2)
                    word.unicodeScalars.append(Unicode.Scalar(UInt8(digits, radix: 16)!))
                case let other?: word.unicodeScalars.append(other)
                case nil: break
                }
            case "%":
                // A specifier: any other than %% is something of the unit's.
                let next = rest.popFirst()
                word += next == "%" ? "%" : "<specifier>"
            case "$":
                let next = rest.popFirst()
                word += next == "$" ? "$" : "<variable>"
            default: word.unicodeScalars.append(scalar)
            }
        }
        return word
    }

    /// Lines `NAME=VALUE` without any quoting, read by systemd.
    static func environment(_ flags: [String]) -> [String: String] {
        var variables: [String: String] = [:]
        for flag in flags {
            for line in flag.dropFirst("--environment=".count).split(whereSeparator: {
                "\n\r".unicodeScalars.contains($0.unicodeScalars.first!)
            }) {
                let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2 else { continue }
                let name = parts[0].trimmingPrefix { $0 == " " || $0 == "\t" }
                guard name.unicodeScalars.first.map({ !"0123456789#;".unicodeScalars.contains($0) }) == true,
                    name.unicodeScalars.allSatisfy({
                        ($0.properties.isAlphabetic && $0.isASCII) || ("0"..."9").contains($0) || $0 == "_"
                    })
                else { continue }
                variables[String(name)] = value(String(parts[1]))
            }
        }
        return variables
    }

    private static func value(_ text: String) -> String {
        var value = text
        while let first = value.unicodeScalars.first, first == " " || first == "\t" {
            value.unicodeScalars.removeFirst()
        }
        while let last = value.unicodeScalars.last, last == " " || last == "\t" { value.unicodeScalars.removeLast() }
        if let quote = value.unicodeScalars.first, quote == "\"" || quote == "'" {
            value.unicodeScalars.removeFirst()
            if let end = value.unicodeScalars.firstIndex(of: quote) { value.unicodeScalars.remove(at: end) }
        }
        return value.replacing("\\", with: "")
    }
}

@Suite("Words for rkt", .timeLimit(.minutes(5)))
struct RktWordsTests {
    private let words = RktWords(version: "1.30.0")
    /// What has a meaning for a shell, for Go, for rkt or for systemd, and some that has none.
    private static let alphabet =
        [
            "%", "n", "s", "$", "{", "}", "\\", "\"", "'", " ", "\n", "\t", "\r", "-", "=", "#", ";", "@", "é", "\u{1}",
            "\u{7f}", "A", "/", "\u{10ffff}",
        ]

    private func anyText(_ random: inout SeededRandom) -> String {
        (0..<Int.random(in: 0...6, using: &random)).map { _ in Self.alphabet.randomElement(using: &random)! }.joined()
    }

    @Test("an argument arrives byte for byte, or is refused by its field", arguments: UInt64(0)..<40)
    func arguments(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<100 {
            var config = Samples.plainContainer
            config.command = ["/bin/\(anyText(&random))", anyText(&random)]
            config.args = [anyText(&random), random.next() % 50 == 0 ? "---" : anyText(&random)]
            do {
                let flags = try words.command(config)
                #expect(
                    QuotingModel.arguments(flags).map { Array($0.utf8) }
                        == (config.command + config.args).map { Array($0.utf8) })
            } catch {
                #expect(error.code == .invalidArgument)
                #expect(error.message.hasPrefix("config.command[") || error.message.hasPrefix("config.args["))
            }
        }
    }

    @Test("a variable arrives byte for byte, or is refused by its field", arguments: UInt64(0)..<40)
    func environment(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<100 {
            let variable = EnvironmentVariable(
                name: random.next() % 3 == 0 ? anyText(&random) : "NAME_1", value: anyText(&random))
            do {
                let read = QuotingModel.environment(try words.environment([variable]))
                #expect(read.mapValues { Array($0.utf8) } == [variable.name: Array(variable.value.utf8)])
            } catch {
                #expect(error.code == .invalidArgument)
                #expect(error.message.hasPrefix("config.envs[0]."))
            }
        }
    }

    @Test(
        "what pods are made of is not refused",
        arguments: [
            "date +%s", "printf '%s\\n' \"$HOME\"", "a\nb", "--flag=x", "-", "--", "é", "a\\b", " a ", "{\"a\": 1}",
            ";",
        ])
    func ordinary(word: String) throws {
        var config = Samples.plainContainer
        config.command = ["/bin/sh", "-c", word]
        config.args = []
        #expect(try QuotingModel.arguments(words.command(config)) == config.command)
        let value = word.replacing("\\", with: "/").replacing("\n", with: "/").trimmingPrefix(" ")
        let variable = EnvironmentVariable(
            name: "A", value: value.hasSuffix(" ") ? String(value.dropLast()) : String(value))
        #expect(try QuotingModel.environment(words.environment([variable])) == ["A": variable.value])
    }

    @Test(
        "what would not arrive is refused",
        arguments: [
            ("config.args[0]", "", nil), ("config.args[0]", "---", nil), ("config.envs[0].value", nil, ("A", "a\\b")),
            ("config.envs[0].value", nil, ("A", "a\nB=1")), ("config.envs[0].value", nil, ("A", " a")),
            ("config.envs[0].value", nil, ("A", "\"a\"")), ("config.envs[0].key", nil, ("a.b", "1")),
            ("config.envs[0].key", nil, ("", "1")),
        ] as [(String, String?, (String, String)?)])
    func refused(field: String, argument: String?, variable: (String, String)?) {
        var config = Samples.plainContainer
        var image = RktImageConfig()
        image.entrypoint = ["/bin/sh"]
        config.command = []
        config.args = argument.map { [$0] } ?? []
        let error = #expect(throws: DomainError.self) {
            _ = try words.command(config, image: image)
            _ = try words.environment(variable.map { [EnvironmentVariable(name: $0.0, value: $0.1)] } ?? [])
        }
        #expect(error?.message.hasPrefix(field + ": ") == true, "\(error?.message ?? "")")
    }

    @Test("of another rkt nothing is assumed about %")
    func otherVersion() {
        var config = Samples.plainContainer
        config.args = ["%n"]
        let error = #expect(throws: DomainError.self) { try RktWords(version: "1.30.0+git").command(config) }
        #expect(error?.message.contains("1.30.0+git") == true)
        config.args = ["n"]
        #expect(throws: Never.self) { try RktWords(version: "1.30.0+git").command(config) }
    }
}
