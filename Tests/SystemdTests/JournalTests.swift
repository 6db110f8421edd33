import Systemd
import Testing

@Suite("The journal", .timeLimit(.minutes(10)))
struct JournalTests {
    @Test(
        "takes field names as the journal does",
        arguments: [
            ("MESSAGE", true), ("A1_B", true), ("", false), ("_PID", false), ("1A", false), ("lower", false),
            ("A-B", false), ("É", false),
            (String(repeating: "A", count: 64), true), (String(repeating: "A", count: 65), false),
        ])
    func fieldNames(name: String, expected: Bool) {
        #expect(Journal.isFieldName(name) == expected)
    }

    @Test("a unit that never wrote has no lines, with a journal or without")
    func noLines() async {
        #expect(await Journal.lastLines(of: "rktlet-no-such.service", count: 10).isEmpty)
        #expect(await Journal.lastLines(of: "rktlet-no-such.service", count: 0).isEmpty)
    }

    @Test("values are looked through for no longer than there is patience")
    func patience() async {
        await #expect(throws: JournalSearchTooLong.self) {
            try await JournalQuery.values(of: "MESSAGE", beginningWith: "", with: [], most: 1, patience: .zero)
        }
    }
}
