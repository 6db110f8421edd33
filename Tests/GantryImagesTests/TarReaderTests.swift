import GantryCore
import Testing

@testable import GantryImages

@Suite("A layer's archive", .timeLimit(.minutes(10)))
struct TarReaderTests {
    @Test("has extended headers whose records are taken bytewise")
    func readsPax() throws {
        let records = try PaxRecords(
            parsing: Array("14 path=a=b c\n20 size=12345678901\n14 mtime=-1.5\n12 uid=0042\n7 gid=\n".utf8))
        #expect(records.path == Array("a=b c".utf8))
        #expect(records.size == 12_345_678_901 && records.owner == 42 && records.group == nil)
        #expect(records.modified?.seconds == -2 && records.modified?.nanoseconds == 500_000_000)
    }

    @Test(
        "with extended headers that are none is refused",
        arguments: [
            "5 a=b\n", "x path=a\n", "9 path=a\u{0}", "8 path=a\n9 ", "6 size\n", "99 path=a\n", "11 size=-17\n",
            "0 a=b\n", "-6 a=b\n",
        ])
    func refusesPax(_ text: String) {
        #expect(throws: EngineError.self) { try PaxRecords(parsing: Array(text.utf8)) }
    }

    @Test("may say where a file's holes are")
    func readsSparseMaps() throws {
        let map = try SparseMap([0, 4, 4096, 4, 8192, 0], realSize: 8192, stored: 8)
        #expect(map.pieces == [.init(offset: 0, length: 4), .init(offset: 4096, length: 4)])
    }

    @Test(
        "with holes that cannot be is refused",
        arguments: [
            ([0], 1, 1), ([0, 2], 1, 2), ([0, 2], 2, 1), ([4, 4, 0, 4], 8, 8), ([-1, 1], 1, 1), ([0, -1], 1, 1),
            ([Int64.max, Int64.max], Int64.max, Int64.max), ([0, 0], -1, 0),
        ] as [([Int64], Int64, Int64)])
    func refusesSparseMaps(_ numbers: [Int64], _ size: Int64, _ stored: Int64) {
        #expect(throws: EngineError.self) { try SparseMap(numbers, realSize: size, stored: stored) }
    }

    @Test("has chain ids as the specification computes them")
    func computesChainIDs() throws {
        let one = SHA256.digest(of: [1])
        let two = SHA256.digest(of: [2])
        #expect(Digest.chain([]) == [])
        #expect(Digest.chain([one, two]) == [one, SHA256.digest(of: Array("\(one) \(two)".utf8))])
    }
}
