import Glibc
import Testing

@testable import GantryCore

@Suite(.timeLimit(.minutes(10)))
struct CgroupMovesTests {
    @Test func `The kernel is kept ready until the end, and the process stays where it is`() throws {
        let loop = try EventLoop()
        let work = try Offload(loop: loop)
        let before = try Files.readText("/proc/self/cgroup")
        let moves = CgroupMoves()
        var isOver = false
        work.run(Worker(), "cgroup moves", moves.keepReady) { isOver = true }
        moves.end()
        try turn(loop) { isOver }
        #expect(try Files.readText("/proc/self/cgroup") == before)
    }
}
