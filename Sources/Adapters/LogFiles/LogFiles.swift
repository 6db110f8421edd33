import Dispatch
import Domain

/// Reads CRI log files, and follows them by inotify. No file is read on the cooperative pool.
package struct LogFiles: ContainerLogs {
    private let watch: DirectoryWatch
    private let queue = DispatchQueue(label: "container-logs", attributes: .concurrent)

    package init() throws(DomainError) { watch = try DirectoryWatch() }

    package func lines(
        of path: String, _ query: LogQuery, ended: AsyncStream<Never>
    ) -> AsyncThrowingStream<[LogLine], any Error> {
        // The reader asks for the next lines when it has dealt with those before: nothing piles up for a slow one.
        let reading = LogReading(path: path, query: query, watch: watch, queue: queue, ended: ended)
        return AsyncThrowingStream { try await reading.next() }
    }
}
