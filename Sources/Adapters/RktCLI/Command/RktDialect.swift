import ByteText

/// Which command line the engine speaks.
package enum RktDialect: String, Sendable {
    /// The archived rkt, as of 1.30.
    case rkt
    /// This project's engine.
    case gantry

    /// Reads the first line of `version`: `gantry Version: X` or `rkt Version: X`. Nil for anything else.
    static func detect(inVersionText text: String) -> (dialect: RktDialect, version: String)? {
        for line in text.words(at: "\n") {
            let words = line.words(at: " ")
            guard words.count == 3, words[1] == "Version:", let dialect = RktDialect(rawValue: String(words[0])) else {
                continue
            }
            return (dialect, String(words[2]))
        }
        return nil
    }
}
