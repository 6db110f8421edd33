import Testing

@testable import Daemon

@Suite("When a call's time is up")
struct CallTimeTests {
    @Test(
        "a little before the deadline, since the client's clock began to run first",
        arguments: [("240S", 239), ("4M", 239), ("10000m", 9), ("1H", 3599)])
    func end(header: String, seconds: Int) throws {
        let now = ContinuousClock.now
        let time = try #require(CallTime(header: header, now: now))
        #expect(!time.isUp(at: now + .seconds(seconds) - .milliseconds(1)))
        #expect(time.isUp(at: now + .seconds(seconds)))
    }

    @Test("a malformed timeout is none", arguments: ["", "S", "1", "1x", "-1S", "1234567890S"])
    func malformed(header: String) { #expect(CallTime(header: header, now: .now) == nil) }
}
