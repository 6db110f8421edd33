/// The words that this process was called with, as bytes: `CommandLine.arguments` has U+FFFD in place of what is no UTF-8, and says nothing.
package enum ProgramArguments {
    /// What is wrong with the first word that is no UTF-8; nil where all are.
    package static var refusal: String? {
        for place in 1..<max(1, Int(CommandLine.argc)) {
            guard let word = CommandLine.unsafeArgv[place] else { break }
            var (bytes, end) = ([UInt8](), word)
            while end.pointee != 0 {
                bytes.append(UInt8(truncatingIfNeeded: end.pointee))
                end += 1
            }
            if let refusal = refusal(of: bytes, at: place) { return refusal }
        }
        return nil
    }

    /// - Parameter place: 1 for the first behind the program's name.
    package static func refusal(of word: [UInt8], at place: Int) -> String? {
        guard String(validating: word, as: UTF8.self) == nil else { return nil }
        return
            "argument \(place) (\(shown(word))) is not UTF-8, and would arrive as something else; have a shell make such bytes where they are used (sh -c 'printf …')"
    }

    /// ASCII as it is, all other bytes as `\xff`.
    private static func shown(_ word: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let shown = word.prefix(80).flatMap { byte -> [UInt8] in
            guard byte >= 0x80 || byte.isASCIIControl || byte == UInt8(ascii: "\\") else { return [byte] }
            return Array("\\x".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: shown, as: UTF8.self) + (word.count > 80 ? "…" : "")
    }
}
