import ByteText

/// Turns what rkt's command line takes, and ArgumentParser cannot be told of, into what it can.
enum RktWords {
    static func translated(_ words: [String]) -> [String] {
        withoutStage1(withoutDebugValues(words))
    }

    /// rkt's flags may have a value: `--debug=true` is `--debug`, `--debug=false` is nothing. Not among the words of a command to run.
    private static func withoutDebugValues(_ words: [String]) -> [String] {
        let end = words.firstIndex(of: "--") ?? words.endIndex
        let isExec = words[..<end].contains("exec") && words[..<end].contains("app")
        var result: [String] = []
        var operands = 0
        for (index, word) in words.enumerated() {
            if !word.begins(with: "-") { operands += 1 }
            // `app exec POD COMMAND`: three operands, and then words of the command's own.
            guard index < end, !isExec || operands <= 3, let value = word.without(prefix: "--debug=") else {
                result.append(word)
                continue
            }
            switch value {
            case "false", "0", "f", "F", "FALSE", "False": break
            case "true", "1", "t", "T", "TRUE", "True": result.append("--debug")
            default: result.append(word)
            }
        }
        return result
    }

    private static let stage1 = [
        "--stage1-name", "--stage1-path", "--stage1-url", "--stage1-hash", "--stage1-from-dir",
    ]

    /// rkt's pods run in a stage 1 image of the caller's choice. Here the supervisor is part of the engine.
    private static func withoutStage1(_ words: [String]) -> [String] {
        guard words.contains("sandbox"), words.contains(where: { $0.begins(with: "--stage1-") }) else { return words }
        var result: [String] = []
        var index = 0
        while index < words.count {
            let word = words[index]
            index += 1
            guard let option = stage1.first(where: { word == $0 || word.begins(with: "\($0)=") }) else {
                result.append(word)
                continue
            }
            Output.error("sandbox: \(option) is ignored: the engine has a supervisor of its own")
            if word == option { index += 1 }
        }
        return result
    }
}
