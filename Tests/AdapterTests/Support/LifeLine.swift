import Glibc
import Systemd
import Testing

/// A named pipe that processes hold open for writing: it ends when the last of them does.
final class LifeLine: Sendable {
    let path: String
    private let descriptor: Int32

    init(in directory: TemporaryDirectory) throws {
        let path = directory.path + "/life"
        try #require(mkfifo(path, 0o600) == 0)
        // From the beginning, so that no process that opens it has to wait for its reader.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        try #require(descriptor >= 0)
        (self.path, self.descriptor) = (path, descriptor)
    }

    deinit { close(descriptor) }

    /// Returns once there were processes, and are none any more.
    func end() async throws {
        let (path, descriptor) = (path, descriptor)
        let ended = try await DedicatedThread.run {
            var polled = pollfd(fd: descriptor, events: 0, revents: 0)
            // There is no end of what never began: the kernel tells of it only when a writer has come and gone.
            while poll(&polled, 1, 60_000) < 0, errno == EINTR {}
            return polled.revents & Int16(POLLHUP) != 0
        }
        #expect(ended, "no process has held \(path), or one still does")
        withExtendedLifetime(self) {}
    }
}
