import ByteText

/// rkt's global options stand before the command; here they belong to each command. This moves them behind it.
enum ArgumentOrder {
    private static let withValue = ["--dir", "--run-dir", "--insecure-options", "--debug"]

    static func normalized(_ words: [String]) -> [String] {
        var index = 0
        var globals: [String] = []
        while index < words.count,
            let option = withValue.first(where: { words[index] == $0 || words[index].begins(with: "\($0)=") })
        {
            globals.append(words[index])
            if words[index] == option, option != "--debug", index + 1 < words.count {
                index += 1
                globals.append(words[index])
            }
            index += 1
        }
        guard !globals.isEmpty, index < words.count, !words[index].begins(with: "-") else { return words }
        let depth =
            ["app", "image"].contains(words[index]) && index + 1 < words.count && !words[index + 1].begins(with: "-")
            ? 2 : 1
        return Array(words[index..<(index + depth)]) + globals + Array(words[(index + depth)...])
    }
}
