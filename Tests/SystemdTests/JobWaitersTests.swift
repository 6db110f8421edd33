import Testing

@testable import Systemd

@Suite("Who waits for a job", .timeLimit(.minutes(10)))
struct JobWaitersTests {
    @Test("everybody who waits for a job hears of its end, once")
    func several() {
        var waiters = JobWaiters()
        let (first, second, other) = (BusCallToken(), BusCallToken(), BusCallToken())
        waiters.add(first, to: "/job/1")
        waiters.add(second, to: "/job/1")
        waiters.add(other, to: "/job/2")
        #expect(waiters.take("/job/1").map(ObjectIdentifier.init) == [first, second].map(ObjectIdentifier.init))
        #expect(waiters.take("/job/1").isEmpty)
        #expect(waiters.take("/job/2").count == 1)
    }

    @Test("one who leaves takes nobody along")
    func leaving() {
        var waiters = JobWaiters()
        let (first, second) = (BusCallToken(), BusCallToken())
        waiters.add(first, to: "/job/1")
        waiters.add(second, to: "/job/1")
        waiters.remove(first, from: "/job/1")
        #expect(waiters.take("/job/1").first === second)
        waiters.add(first, to: "/job/3")
        waiters.remove(first, from: "/job/3")
        #expect(waiters.isEmpty)
    }
}
