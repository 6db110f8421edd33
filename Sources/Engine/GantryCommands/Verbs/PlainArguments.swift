import ByteText

/// Arguments in the one form that programs write: `--option=value` words, then operands. It understands less than ArgumentParser does,
/// and says so; what it does understand it understands alike.
struct PlainArguments {
    private(set) var options: [String: String] = [:]
    private(set) var flags: Set<String> = []
    private(set) var operands: [String] = []

    /// - Parameters:
    ///   - known: options that may occur, each once.
    ///   - allowed: options without a value that may occur.
    ///   - passthrough: whether everything from the first operand on is an operand.
    /// - Returns: nil for anything else, help and mistakes among it.
    init?(_ words: ArraySlice<String>, known: Set<String>, flags allowed: Set<String> = [], passthrough: Bool = false) {
        for (index, word) in zip(words.indices, words) {
            guard word.begins(with: "-") else {
                operands.append(word)
                if passthrough {
                    operands += words[(index + 1)...]
                    return
                }
                continue
            }
            guard let option = word.without(prefix: "--") else { return nil }
            if allowed.contains(String(option)) {
                flags.insert(String(option))
                continue
            }
            guard let (name, value) = option.cut(at: "="), known.contains(String(name)),
                options.updateValue(String(value), forKey: String(name)) == nil
            else {
                return nil
            }
        }
    }

    /// nil where the option is no duration; a `value` of nil where it does not occur.
    func duration(_ name: String) -> (value: DurationArgument?, Void)? {
        guard let text = options[name] else { return (nil, ()) }
        return DurationArgument(argument: text).map { ($0, ()) }
    }

    /// nil where an option has a value that it cannot have.
    var context: EngineContext? {
        var context = EngineContext()
        if let dir = options["dir"] { context.dir = dir }
        if let runDir = options["run-dir"] { context.runDir = runDir }
        if let format = options["format"] {
            guard let known = OutputFormat(rawValue: format) else { return nil }
            context.format = known
        }
        return context.dir.begins(with: "/") && context.runDir.begins(with: "/") ? context : nil
    }
}
