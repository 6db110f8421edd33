import Glibc
import Systemd
import Testing

/// A named pipe that processes hold open for writing: it ends when the last of them does.
final class LifeLine: Sendable {
    let path: String

    init(in directory: TemporaryDirectory) throws {
        path = directory.path + "/life"
        try #require(mkfifo(path, 0o600) == 0)
    }

    /// Returns once there were processes, and are none any more.
    func end() async throws {
        let path = path
        let count = try await DedicatedThread.run {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            defer { close(descriptor) }
            var byte: UInt8 = 0
            return read(descriptor, &byte, 1)
        }
        #expect(count == 0)
    }
}
