import Glibc
import Testing

@testable import Cgroups

@Suite("Cgroup moves that are expected", .timeLimit(.minutes(10)))
struct CgroupMovesTests {
    @Test("move this process to where it is")
    func stays() throws {
        let before = try #require(CgroupFile.text("/proc/self/cgroup"))
        let moved = CgroupMoves().moveToSamePlace()
        #expect(moved == (getuid() == 0))
        #expect(CgroupFile.text("/proc/self/cgroup") == before)
    }

    @Test("are nobody's business where there are no cgroups")
    func nowhere() {
        let moves = CgroupMoves(root: "/nonexistent")
        #expect(!moves.moveToSamePlace())
        for _ in 0..<100 { moves.expect() }
    }
}
