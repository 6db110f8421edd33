import Testing

@testable import RktCLI

@Suite("What the engine says of an object", .timeLimit(.minutes(10))) struct EngineWordsTests {
    private let container = "container \(Samples.containerID)"
    private let pod = "pod \(Samples.podID)"

    @Test("names it once, as the daemon does")
    func once() {
        for (message, object, told) in [
            ("app \(Samples.containerID): has just ended", container, "\(container): has just ended"),
            (
                "execute a command in app \(Samples.containerID): cancelled", container,
                "\(container): execute a command in it: cancelled"
            ),
            ("\(container): is gone", container, "\(container): is gone"),
            ("pod \(Samples.uuid): is not running", pod, "\(pod): is not running"),
            ("port 80: refused", pod, "\(pod): port 80: refused"),
            ("no room", "the images", "the images: no room"), ("no room", "pod x", "pod x: no room"),
        ] { #expect(EngineWords.told(message, about: object) == told) }
    }

    @Test("leaves other objects' names alone")
    func others() {
        let other = "app \(String(repeating: "9", count: 64)): has just ended"
        #expect(EngineWords.told(other, about: container) == "\(container): \(other)")
        let otherPod = "pod ffffffff-ffff-ffff-ffff-ffffffffffff: is gone"
        #expect(EngineWords.told(otherPod, about: pod) == "\(pod): \(otherPod)")
    }
}
