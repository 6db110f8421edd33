import Domain
import Testing

@Suite("Latch", .timeLimit(.minutes(10)))
struct LatchTests {
    @Test("Who waits goes on when it is opened, before and while it is waited for, and learns that it was")
    func opening() async {
        let before = Latch()
        before.open()
        before.open()
        #expect(await before.wait())
        let during = Latch()
        async let waited = during.wait()
        during.open()
        #expect(await waited)
    }

    @Test("A wait that is cancelled ends, and is not taken for the opening")
    func cancellation() async {
        let latch = Latch()
        let waiting = Task { await latch.wait() }
        waiting.cancel()
        #expect(await waiting.value == false)
    }
}
