import ArgumentParser
import ByteText

/// Parses the words of a command line. Operands are kept from the parser, whose time grows with the square of its words.
enum CommandWords {
    /// So many operands are given to the parser all the same: it tells whether there are any, and refuses those that a command does not take.
    private static let shown = 3
    /// Of options, and whatever else cannot be kept from it: a fraction of a second.
    static let most = 2048

    /// Commands that take any number of operands, anywhere.
    private static let ofAnyNumber = [["rm"], ["image", "rm"]]
    /// Options of those that have a word of their own as a value.
    private static let withValue = ["--dir", "--run-dir", "--insecure-options", "--format"]

    static func parse(_ words: [String]) throws -> any ParsableCommand {
        let (shown, held) = split(words)
        guard shown.count <= most else {
            throw ValidationError(
                "\(shown.count) words are too many; \(most) are the most, operands of rm and words behind -- aside")
        }
        let command = try Gantry.parseAsRoot(shown)
        if held.isEmpty { return command }
        switch command {
        case var exec as AppExec:
            exec.podAndCommand += held
            return exec
        case var add as AppAdd:
            add.arguments += held
            return add
        case var remove as PodRemove:
            remove.pods += held
            return remove
        case var remove as ImageRemove:
            remove.images += held
            return remove
        // Help.
        default: return command
        }
    }

    /// The parser's words, and those that are added to what it makes of them. Only those are held back that are sure to be operands.
    private static func split(_ words: [String]) -> (shown: [String], held: [String]) {
        let terminator = words.firstIndex(of: "--") ?? words.endIndex
        guard let verb = ofAnyNumber.first(where: { words.starts(with: $0) }) else {
            let end = min(terminator + 1 + Self.shown, words.endIndex)
            return (Array(words[..<end]), Array(words[end...]))
        }
        var shown = verb
        var held: [String] = []
        var operands = 0
        var isValue = false
        for (index, word) in words.enumerated().dropFirst(verb.count) {
            let isOperand = index > terminator || !isValue && (!word.begins(with: "-") || word == "-")
            isValue = !isOperand && withValue.contains(word) && index < terminator
            if isOperand {
                operands += 1
                if operands > Self.shown {
                    held.append(word)
                    continue
                }
            }
            shown.append(word)
        }
        return (shown, held)
    }
}
