import NIOCore
import Testing

@testable import GRPCTransport

@Suite("A connection's clock", .timeLimit(.minutes(10)))
struct ConnectionWatchTests {
    private let start = NIODeadline.uptimeNanoseconds(0)

    private func makeWatch(isReady: Bool = true) -> ConnectionWatch {
        var limits = TransportConfiguration.Limits()
        limits.handshakeTimeout = .seconds(10)
        limits.stallTimeout = .seconds(60)
        limits.keepaliveTime = .seconds(100)
        limits.keepaliveTimeout = .seconds(20)
        limits.maxIdleTime = .seconds(1000)
        limits.drainCancelAfter = .seconds(10)
        limits.drainCloseAfter = .seconds(15)
        var watch = ConnectionWatch(limits: limits, now: start)
        if isReady { watch.ready() }
        return watch
    }

    private func verdict(_ watch: inout ConnectionWatch, at seconds: Int64, isBusy: Bool = false) -> ConnectionWatch
        .Verdict?
    {
        watch.verdict(now: start + .seconds(seconds), isBusy: isBusy)
    }

    @Test("ends a connection that says nothing")
    func handshake() {
        var watch = makeWatch(isReady: false)
        #expect(verdict(&watch, at: 9) == nil)
        #expect(verdict(&watch, at: 10) == .close("the client sent no HTTP/2 preface"))
    }

    @Test("ends a connection that does not read, and not one that reads slowly")
    func stall() {
        var watch = makeWatch()
        watch.writeBegan(now: start)
        watch.writeBegan(now: start)
        watch.writeEnded(now: start + .seconds(50))
        #expect(verdict(&watch, at: 70) == nil)
        #expect(verdict(&watch, at: 110) == .close("the client does not read"))
        watch.writeEnded(now: start + .seconds(110))
        watch.read(now: start + .seconds(110))
        #expect(verdict(&watch, at: 200) == nil)
    }

    @Test("asks a silent client once and ends the connection without an answer")
    func keepalive() {
        var watch = makeWatch()
        #expect(verdict(&watch, at: 100, isBusy: true) == .ping)
        #expect(verdict(&watch, at: 110, isBusy: true) == nil)
        #expect(verdict(&watch, at: 120, isBusy: true) == .close("the client does not answer PING"))
    }

    @Test("is content with an answer")
    func answeredKeepalive() {
        var watch = makeWatch()
        #expect(verdict(&watch, at: 100) == .ping)
        watch.read(now: start + .seconds(101))
        watch.pingAnswered()
        #expect(verdict(&watch, at: 130) == nil)
        #expect(verdict(&watch, at: 201) == .ping)
    }

    @Test("lets an idle client go, and never a busy one")
    func idle() {
        var watch = makeWatch()
        for second in stride(from: Int64(50), through: 5000, by: 50) {
            watch.read(now: start + .seconds(second))
            #expect(verdict(&watch, at: second, isBusy: true) == nil)
        }
        watch.read(now: start + .seconds(6000))
        #expect(verdict(&watch, at: 6000) == .drainIdle)
        watch.beganDraining(now: start + .seconds(6000))
        #expect(verdict(&watch, at: 6001) == nil)
    }

    @Test("cancels once, then closes, when draining takes too long")
    func drain() {
        var watch = makeWatch()
        watch.beganDraining(now: start + .seconds(5))
        watch.beganDraining(now: start + .seconds(14))
        #expect(verdict(&watch, at: 14, isBusy: true) == nil)
        #expect(verdict(&watch, at: 15, isBusy: true) == .cancelRPCs)
        #expect(verdict(&watch, at: 16, isBusy: true) == nil)
        #expect(verdict(&watch, at: 20, isBusy: true) == .close("the time to drain is over"))
    }
}
