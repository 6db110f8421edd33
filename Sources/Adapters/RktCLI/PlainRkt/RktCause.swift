import ByteText
import ChildProcess

/// Why a call of rkt's failed, by what it prints when it is asked to say more. Without that it prints the innermost error alone, and nothing of what its
/// stage 1 said: `exit status 254`. Read for people, nothing is decided by it.
enum RktCause {
    static let flags = ["--debug=true"]
    /// What begins each error that is the cause of the one in the line above.
    private static let branch = "└─"

    /// Each error with its causes, outermost first; nil when none has any.
    static func text(_ result: ChildResult) -> String? {
        var chains: [[String]] = []
        for line in result.errorText.lines {
            let text = line.trimmed
            if text.isEmpty { continue }
            if let cause = text.without(prefix: branch) {
                chains.isEmpty ? chains.append([String(cause)]) : chains[chains.count - 1].append(String(cause))
            } else {
                chains.append([String(text)])
            }
        }
        let told = chains.filter { $0.count > 1 }.map { $0.joined(separator: ": ") }
        return told.isEmpty ? nil : told.joined(separator: "; ")
    }
}
