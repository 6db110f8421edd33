import ByteText
import Dispatch
import Domain
import Glibc

/// One reader's way through a log: the lines that are there, then, when it follows, those that come, across rotations.
///
/// Only one call of ``next()`` runs at a time: it is the iterator of one stream.
final class LogReading: @unchecked Sendable {
    private enum Step {
        case lines([LogLine])
        case atEnd
    }

    private let path: String
    private let query: LogQuery
    private let watch: DirectoryWatch
    private let queue: DispatchQueue
    private let ended: AsyncStream<Never>
    private var file: LogFile?
    private var isOpened = false
    private var wakeUps: AsyncStream<Bool>.Iterator?
    private var feeders: Task<Void, Never>?
    /// Nobody writes any more: what is there now is the rest.
    private var isLast = false

    init(path: String, query: LogQuery, watch: DirectoryWatch, queue: DispatchQueue, ended: AsyncStream<Never>) {
        self.path = path
        self.query = query
        self.watch = watch
        self.queue = queue
        self.ended = ended
    }

    deinit { feeders?.cancel() }

    /// The next lines that match, not empty; nil at the end.
    func next() async throws -> [LogLine]? {
        if query.follow, feeders == nil { try startFollowing() }
        while !Task.isCancelled {
            switch try await read() {
            case .lines(let lines):
                let matching = lines.filter(matches)
                if !matching.isEmpty { return matching }
            case .atEnd:
                guard query.follow, !isLast else { return nil }
                // Nil: the stream's task is cancelled.
                guard let isEnd = await wakeUps?.next() else { return nil }
                isLast = isEnd
            }
        }
        return nil
    }

    private func matches(_ line: LogLine) -> Bool {
        (query.stream == nil || query.stream == line.stream) && (query.since.map { line.at >= $0 } ?? true)
    }

    /// Watches before anything is read: what is written in between is not missed.
    private func startFollowing() throws(DomainError) {
        let changes = try watch.changes(in: directory)
        let (wakeUps, wake) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(1))
        self.wakeUps = wakeUps.makeAsyncIterator()
        feeders = Task { [ended] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { for await _ in changes { wake.yield(false) } }
                for await _ in ended {}
                if !Task.isCancelled { wake.yield(true) }
                // A change that is told later must not hide that this was the last.
                wake.finish()
                group.cancelAll()
            }
        }
    }

    private var directory: String { String(path.parentPath ?? "/") }

    private func read() async throws -> Step {
        try await withCheckedThrowingContinuation { done in
            queue.async { [self] in done.resume(with: Result { try readBlocking() }) }
        }
    }

    private func readBlocking() throws -> Step {
        if file == nil { try open() }
        while let current = file {
            let wasRotated = !current.isStill(path)
            let lines = current.readLines()
            if !lines.isEmpty { return .lines(lines) }
            guard wasRotated else { return .atEnd }
            // The old file is at its end, and was before that no longer the one that is written: on to the new one, once it is there.
            guard let next = try LogFile(path) else { return .atEnd }
            file = next
        }
        return .atEnd
    }

    private func open() throws {
        file = try LogFile(path)
        // A file that comes only later is read from its beginning.
        if !isOpened, let tail = query.tail { file?.seekToTail(tail) }
        isOpened = true
    }
}
