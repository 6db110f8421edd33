import ArgumentParser

/// Parses the words of a command line. Those of a command to run in an app are kept from the parser, whose time grows with their square.
enum CommandWords {
    /// So many behind the lone `--` are given to the parser all the same: it tells whether there are any, and may take them for operands.
    private static let shown = 3

    static func parse(_ words: [String]) throws -> any ParsableCommand {
        let end = end(words)
        let command = try Gantry.parseAsRoot(Array(words[..<end]))
        let rest = words[end...]
        if rest.isEmpty { return command }
        if var exec = command as? AppExec {
            exec.podAndCommand += rest
            return exec
        }
        if var add = command as? AppAdd {
            add.arguments += rest
            return add
        }
        // Help.
        return command
    }

    /// Where the parser's words end. All other commands have operands behind the `--`, which only the parser can tell.
    private static func end(_ words: [String]) -> Int {
        guard words.first == "app", ["exec", "add"].contains(words.dropFirst().first),
            let terminator = words.firstIndex(of: "--")
        else { return words.endIndex }
        return min(terminator + 1 + shown, words.endIndex)
    }
}
