import NIOCore
import Testing

@testable import HTTP2

@Suite("A flood meter", .timeLimit(.minutes(10)))
struct FloodMeterTests {
    @Test("allows a burst, then as many per second as it says")
    func burstAndRate() {
        var meter = FloodMeter(.init(burst: 5, perSecond: 2), now: .uptimeNanoseconds(0))
        func taken(at time: TimeAmount) -> Int {
            var count = 0
            while meter.take(now: .uptimeNanoseconds(0) + time) { count += 1 }
            return count
        }
        #expect(taken(at: .zero) == 5)
        #expect(taken(at: .milliseconds(400)) == 0)
        #expect(taken(at: .milliseconds(1000)) == 2)
        #expect(taken(at: .hours(1)) == 5)
    }

    @Test("is not confused by a clock that stands still, steps back or jumps")
    func oddClocks() {
        var meter = FloodMeter(.init(burst: 1, perSecond: .max), now: .uptimeNanoseconds(1000))
        let times: [NIODeadline] = [.uptimeNanoseconds(1000), .uptimeNanoseconds(500), .distantFuture]
        let taken = times.map { meter.take(now: $0) }
        #expect(taken == [true, false, true])
    }
}
