import Domain
import Synchronization

/// Logs in memory: what a test wrote to a path, all at once, whatever was asked for but the stream and the tail.
package final class FakeLogs: ContainerLogs {
    private let files = Mutex<[String: [LogLine]]>([:])
    package init() {}

    package func write(_ lines: [LogLine], to path: String) { files.withLock { $0[path, default: []] += lines } }

    package func lines(
        of path: String, _ query: LogQuery, ended: AsyncStream<Never>
    ) -> AsyncThrowingStream<[LogLine], any Error> {
        let lines = files.withLock { $0[path] ?? [] }.filter { query.stream == nil || $0.stream == query.stream }
        return AsyncThrowingStream { continuation in
            continuation.yield(lines.suffix(query.tail ?? lines.count))
            guard query.follow else { return continuation.finish() }
            let end = Task {
                for await _ in ended {}
                continuation.finish()
            }
            continuation.onTermination = { _ in end.cancel() }
        }
    }
}

/// Counters of cgroups as a test sets them.
package final class FakeUsage: ResourceUsage {
    private let usages = Mutex<[String: CgroupUsage]>([:])
    private let clock: any WallClock
    package init(clock: any WallClock) { self.clock = clock }

    package func set(_ usage: CgroupUsage, for cgroup: String) { usages.withLock { $0[cgroup] = usage } }

    package func usage(ofCgroup cgroup: String) async throws(DomainError) -> CgroupUsage? {
        usages.withLock { $0[cgroup] }
    }
}
