import Testing

@testable import HostFacts

@Suite("Memory that is given back", .timeLimit(.minutes(10)))
struct HeapMemoryTests {
    private static let unit = HeapPolicy.worthwhile

    private func memory(resident: Int, inUse: Int) -> HeapMemory {
        HeapMemory(resident: resident * Self.unit, inUse: inUse * Self.unit, free: (resident - inUse) * Self.unit)
    }

    /// What the policy says to each; where it says yes, the process is `after` it.
    private func answers(_ memories: [(resident: Int, inUse: Int)], after: (resident: Int, inUse: Int)) -> [Bool] {
        var policy = HeapPolicy()
        return memories.map { each in
            let answer = policy.shallGiveBack(memory(resident: each.resident, inUse: each.inUse))
            if answer { policy.gaveBack(memory(resident: after.resident, inUse: after.inUse)) }
            return answer
        }
    }

    @Test("is so after a peak that was seen, and once")
    func seenPeak() {
        let told = answers([(3, 2), (11, 11), (11, 2), (4, 2), (4, 2)], after: (4, 2))
        #expect(told == [false, false, true, false, false])
    }

    @Test(
        "is so after a peak that was not seen, but for what the process has grown by, and once, also when it does not help"
    )
    func unseenPeak() {
        let told = answers([(3, 2), (9, 2), (9, 2), (9, 2), (9, 9), (9, 8)], after: (9, 2))
        #expect(told == [false, true, false, false, false, true])
    }

    @Test("is told of as it is, and less afterwards")
    func real() {
        let size = 64 << 10
        var blocks = (0..<2_000).map { _ in UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16) }
        for block in blocks { block.initializeMemory(as: UInt8.self, repeating: 1, count: size) }
        // What keeps the heap's end where it is.
        let last = blocks.removeLast()
        let full = HeapMemory.now()
        for block in blocks { block.deallocate() }
        let freed = HeapMemory.now()
        HeapMemory.giveBack()
        let after = HeapMemory.now()
        last.deallocate()
        // Other tests run beside it.
        #expect(full.inUse - freed.inUse > 60 << 20)
        #expect(full.resident - after.resident > 60 << 20)
    }
}
