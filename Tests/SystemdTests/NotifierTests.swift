import Glibc
import Systemd
import Testing

@Suite("sd_notify", .serialized, .timeLimit(.minutes(10)))
struct NotifierTests {
    @Test("sends what the service manager expects, one datagram each")
    func sends() throws {
        let socket = try NotifySocket()
        setenv("NOTIFY_SOCKET", socket.path, 1)
        defer { unsetenv("NOTIFY_SOCKET") }
        let notifier = Notifier()
        #expect(notifier.ready(status: "serving"))
        #expect(notifier.status("two\nlines\r\nREADY=1"))
        #expect(notifier.watchdog())
        #expect(notifier.mainProcess(42))
        #expect(notifier.stopping())
        #expect(socket.receive() == "READY=1\nSTATUS=serving")
        #expect(socket.receive() == "STATUS=two lines READY=1")
        #expect(socket.receive() == "WATCHDOG=1")
        #expect(socket.receive() == "MAINPID=42")
        #expect(socket.receive() == "STOPPING=1")
    }

    @Test("without a service manager nothing is sent, and that is said")
    func absent() {
        unsetenv("NOTIFY_SOCKET")
        #expect(!Notifier().ready())
    }

    @Test("the watchdog's interval comes from the environment, for this process only")
    func watchdogInterval() {
        setenv("WATCHDOG_USEC", "3000000", 1)
        setenv("WATCHDOG_PID", "\(getpid())", 1)
        #expect(Notifier.watchdogInterval == .seconds(3))
        setenv("WATCHDOG_PID", "1", 1)
        #expect(Notifier.watchdogInterval == nil)
        unsetenv("WATCHDOG_USEC")
        unsetenv("WATCHDOG_PID")
        #expect(Notifier.watchdogInterval == nil)
    }
}

private final class NotifySocket {
    let path: String
    private let descriptor: Int32

    init() throws {
        path = "/tmp/rktlet-notify-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    func receive() -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count > 0 ? String(decoding: buffer[0..<count], as: UTF8.self) : ""
    }
}
