import CGantry
import Glibc
import Synchronization

/// Moves what an app writes from its pipes, or its terminal, into its log: on threads apart, since a log may be on a disk that is slow.
/// While the disk takes nothing the pipe fills and the app waits; nothing piles up here.
///
/// Between two jobs the open file is parked: it travels in a socket's queue, where no child can inherit it (closing it waits for the disk).
/// Jobs are done one at a time, each on a thread with descriptors of its own (`kept`).
final class OutputPump: Sendable {
    /// An open descriptor, non-blocking, and what its bytes are. The loop's: it is not closed here.
    struct Source: Sendable, Equatable {
        let descriptor: Int32
        let stream: LogStream
    }

    /// Somebody who is given what comes from now on, as far as the pipe to them has room.
    struct Listener: Sendable, Equatable {
        /// Of the client, who may have two of them.
        let client: Int
        /// The writing end of a pipe, non-blocking. The loop's, as those of sources.
        let descriptor: Int32
        let stream: LogStream
    }

    /// What a job found out.
    struct Outcome: Sendable {
        /// Sources that have ended.
        var ended: [Source] = []
        /// Clients whose pipes had no room: nothing more was written to them.
        var lost: Set<Int> = []
    }

    private let log = Mutex<LogFile?>(nil)
    /// The ends of the socket; owned, and closed by whoever has the pump.
    private let parking: (into: Int32, from: Int32)
    /// The thread is to leave off at the next opportunity.
    private let isInterrupted = Atomic(false)

    /// From one source, before the next has its turn.
    static let share = 64 << 10
    /// How long a thread waits for more before it gives the sources back, in milliseconds.
    private let patience: Int32
    /// How long the end of the output is waited for once the app has ended, in nanoseconds: a process outside of its cgroup may hold the pipe.
    static let drainLimit: Int64 = 500_000_000

    init(patience: Int32 = 20) throws(EngineError) {
        self.patience = patience
        var ends: [Int32] = [-1, -1]
        guard gantry_pair(&ends) == 0 else { throw .posix("make a pair of sockets", errno) }
        parking = (ends[0], ends[1])
    }

    /// What a thread needs.
    var kept: [Int32] { [parking.into, parking.from] }

    /// On the loop, once no job is under way.
    func close() { for end in kept { Glibc.close(end) } }

    /// From now on, or from `false` on no longer, a job that may take its time ends soon.
    func interrupt(_ isWanted: Bool = true) { isInterrupted.store(isWanted, ordering: .releasing) }

    /// A test puts a disk of its own there.
    func setSystem(_ system: @escaping @Sendable (Int32, UnsafeRawPointer?, Int) -> Int) {
        log.withLock { $0?.system = system }
    }

    // MARK: Jobs

    /// - Throws: where there can be no such file.
    func openLog(_ path: String) throws(EngineError) {
        let failure: EngineError? = log.withLock { log in
            do throws(EngineError) {
                let file = try LogFile(path)
                Self.park(file, parking.into)
                log = file
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// Of an app that could not be made.
    func discardLog() { withLog(isLast: true) { $0?.removeIfUnused() } }

    func reopenLog() throws(EngineError) {
        let result: Result<Void, EngineError> = withLog { log in
            Result { () throws(EngineError) in try log?.reopen() }
        }
        try result.get()
    }

    /// Reads, and logs, until nothing more comes, or it is interrupted.
    /// - Parameter mayWait: whether more may be waited for.
    func run(_ sources: [Source], _ listeners: [Listener] = [], mayWait: Bool) -> Outcome {
        withLog { [isInterrupted = InterruptedFlag(self), patience] log in
            var open = sources
            var outcome = Outcome()
            repeat {
                if Self.readOnce(log, listeners, &open, &outcome) > 0 { continue }
                // What has ended has nothing to be waited for.
                guard mayWait, !open.isEmpty, Self.wait(open, patience) else { break }
            } while !open.isEmpty && mayWait && !isInterrupted.isSet
            return outcome
        }
    }

    /// Reads what is left. What the app itself has written is all there already, and all of it is logged; what others go on writing is, for a
    /// moment.
    func drain(_ sources: [Source], _ listeners: [Listener] = [], limit: Int64 = drainLimit) -> Outcome {
        withLog(isLast: true) { log in
            var open = sources
            var outcome = Outcome()
            var owed = sources.reduce(0) { $0 + max(0, Int(gantry_bytes_waiting($1.descriptor))) }
            let deadline = Clock.monotonic() + limit
            while !open.isEmpty {
                let got = Self.readOnce(log, listeners, &open, &outcome)
                owed -= got
                let left = deadline - Clock.monotonic()
                if left <= 0 && (owed <= 0 || got == 0) { break }
                if got == 0 && !open.isEmpty && !Self.wait(open, Int32(clamping: left / 1_000_000 + 1)) { break }
            }
            for source in open { log?.end(source.stream, at: Clock.now()) }
            return outcome
        }
    }

    private struct InterruptedFlag: Sendable {
        let pump: OutputPump
        init(_ pump: OutputPump) { self.pump = pump }
        var isSet: Bool { pump.isInterrupted.load(ordering: .acquiring) }
    }

    // MARK: Reading

    /// One turn of every source; how much was read.
    private static func readOnce(
        _ log: LogFile?, _ listeners: [Listener], _ open: inout [Source], _ outcome: inout Outcome
    ) -> Int {
        var total = 0
        for source in open {
            if let count = move(source, to: log, listeners, &outcome.lost) {
                total += count
            } else {
                log?.end(source.stream, at: Clock.now())
                outcome.ended.append(source)
                open.removeAll { $0 == source }
            }
        }
        return total
    }

    /// How much was read; nil at the end.
    private static func move(
        _ source: Source, to log: LogFile?, _ listeners: [Listener], _ lost: inout Set<Int>
    ) -> Int? {
        withUnsafeTemporaryAllocation(byteCount: share, alignment: 16) { space in
            let got = Glibc.read(source.descriptor, space.baseAddress, space.count)
            if got > 0 {
                let bytes = UnsafeRawBufferPointer(rebasing: space[..<got])
                // Before the log, whose disk may take its time.
                for listener in listeners where listener.stream == source.stream && !lost.contains(listener.client) {
                    let taken = Glibc.write(listener.descriptor, bytes.baseAddress, got)
                    // Who has closed this one may still want the other.
                    if taken < got, taken >= 0 || errno != EPIPE { lost.insert(listener.client) }
                }
                log?.write(source.stream, bytes, at: Clock.now())
                return got
            }
            // Of a terminal whose other side is closed, EIO.
            return got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : nil
        }
    }

    /// False when nothing came.
    private static func wait(_ sources: [Source], _ milliseconds: Int32) -> Bool {
        var polls = sources.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        return poll(&polls, nfds_t(polls.count), milliseconds) > 0
    }

    // MARK: Parking

    /// - Parameter isLast: the file is closed then, on this thread: that waits for its disk, too.
    private func withLog<Value: Sendable>(
        isLast: Bool = false, _ body: @Sendable (LogFile?) -> Value
    ) -> Value {
        log.withLock { log in
            if let log { Self.unpark(log, parking.from) }
            let value = body(log)
            if isLast { log = nil } else if let log { Self.park(log, parking.into) }
            return value
        }
    }

    private static func park(_ log: LogFile, _ socket: Int32) {
        let descriptor = log.park()
        var byte: UInt8 = 0
        _ = gantry_send(socket, &byte, 1, [descriptor], 1)
        _ = gantry_aside_close(descriptor)
    }

    private static func unpark(_ log: LogFile, _ socket: Int32) {
        var byte: UInt8 = 0
        var descriptors: [Int32] = [-1]
        var count = 1
        _ = gantry_receive(socket, &byte, 1, &descriptors, &count)
        log.unpark(count == 1 ? descriptors[0] : -1)
    }
}
