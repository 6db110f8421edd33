import Testing

@testable import GantryCore

/// Children that a test makes up.
private final class Children {
    var dead: [(pid: Int32, status: GantryCore.ExitStatus)] = []
    var living: Set<Int32> = []
    var calls = 0

    func wait(_ pid: Int32, reap: Bool) -> Reaper.Waited {
        calls += 1
        guard let index = dead.firstIndex(where: { pid == 0 || $0.pid == pid }) else {
            return living.isEmpty && dead.isEmpty || (pid != 0 && !living.contains(pid)) ? .noChild : .none
        }
        let found = dead[index]
        if reap { dead.remove(at: index) }
        return .exited(found.pid, found.status)
    }
}

@Suite(.timeLimit(.minutes(10)))
struct ReaperTests {
    private let children = Children()
    private let reaper = Reaper()

    init() { reaper.system = { [children] pid, reap in children.wait(pid, reap: reap) } }

    private func status(_ code: Int32) -> GantryCore.ExitStatus { GantryCore.ExitStatus(number: code, isSignal: false) }

    @Test(arguments: [false, true])
    func `Thousands of orphans are reaped a few in a step, also while a command is under way`(isUnderWay: Bool) {
        let command = isUnderWay ? reaper.beginCommand() : nil
        children.dead = (1...5000).map { (Int32($0), status(0)) }
        var told = false
        reaper.expect(5000) { _ in told = true }
        var steps = 0
        while true {
            let before = (children.calls, reaper.reaped)
            let hasMore = reaper.reap(limit: 64)
            steps += 1
            #expect(children.calls - before.0 <= 65 && reaper.reaped - before.1 <= 64)
            if !hasMore { break }
        }
        #expect(told && children.dead.isEmpty, "no zombie is left, whatever is under way")
        #expect(steps <= 5000 / 64 + 2)
        if let command { reaper.endCommand(command) }
    }

    @Test func `What is expected counts as several`() {
        children.dead = (1...100).map { (Int32($0), status(0)) }
        var told = 0
        for pid in 1...100 { reaper.expect(Int32(pid)) { _ in told += 1 } }
        #expect(reaper.reap(limit: 64))
        #expect(told == 64 / Reaper.weight)
    }

    @Test func `A child that ended before its command named it is not lost`() {
        let command = reaper.beginCommand()
        children.dead = [(7, status(3)), (8, status(4))]
        _ = reaper.reap(limit: 64)
        #expect(reaper.claim(7) == .exited(status(3)))
        #expect(reaper.claim(9) == .unknown)
        children.living = [10]
        #expect(reaper.claim(10) == .living)
        reaper.endCommand(command)
        #expect(reaper.claim(7) == .unknown, "nobody asks for it any more")
    }

    @Test func `A number that two processes had is nobody's`() {
        let command = reaper.beginCommand()
        children.dead = [(7, status(3))]
        _ = reaper.reap(limit: 64)
        children.living = [7]
        #expect(reaper.claim(7) == .ambiguous)
        children.living = []
        children.dead = [(7, status(0))]
        _ = reaper.reap(limit: 64)
        #expect(reaper.claim(7) == .ambiguous)
        reaper.endCommand(command)
    }

    @Test func `What an earlier command saw end is not a later one's`() {
        let first = reaper.beginCommand()
        children.dead = [(7, status(3))]
        _ = reaper.reap(limit: 64)
        let second = reaper.beginCommand()
        reaper.endCommand(first)
        #expect(reaper.claim(7) == .unknown)
        reaper.endCommand(second)
    }

    @Test func `No more is remembered than a bound`() {
        let command = reaper.beginCommand()
        for pid in 1...Int32(Reaper.memory + 100) {
            children.dead = [(pid, status(1))]
            _ = reaper.reap(limit: 64)
        }
        #expect(reaper.claim(1) == .unknown && reaper.claim(100) == .unknown)
        #expect(reaper.claim(101) == .exited(status(1)))
        reaper.endCommand(command)
    }
}
