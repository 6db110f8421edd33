import Logging
import Testing

@testable import JournalLog

@Suite("Log lines", .timeLimit(.minutes(10)))
struct JournalLogTests {
    @Test("metadata are sorted, later ones win, and what has blanks is quoted")
    func text() {
        let values = LogText.merged(["b": "1", "a": "old"], nil, ["a": "two words", "c": ""])
        #expect(LogText.line("stopped", values) == #"stopped a="two words" b=1 c="""#)
    }

    @Test(
        "keys become field names that the journal takes",
        arguments: [("pod-id", "RKTLET_POD_ID"), ("a.b/c", "RKTLET_A_B_C"), ("é", "RKTLET__"), ("", "RKTLET_")])
    func fieldNames(key: String, expected: String) {
        #expect(JournalLogHandler.fieldName(of: key) == expected)
    }

    @Test("a level that changes is that of every logger that has none of its own")
    func sharedLevel() {
        let level = SharedLogLevel(.info)
        let shared = Logger(label: "a") { StandardErrorLogHandler(label: $0, level: level) }
        var own = Logger(label: "b") { JournalLogHandler(label: $0, level: level) }
        #expect((shared.logLevel, own.logLevel) == (.info, .info))
        own.logLevel = .warning
        level.set(.trace)
        #expect((shared.logLevel, own.logLevel) == (.trace, .warning))
        level.set(.critical)
        #expect(shared.logLevel == .critical)
    }
}
