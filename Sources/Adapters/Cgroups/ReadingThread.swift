import Dispatch
import Domain
import Synchronization

/// Reads the kernel's files one after the other on a thread that is not of the cooperative pool. A file that does not answer within the limit is
/// left to the thread that waits for it; the next thread goes on with the rest, and nothing of the same name is read until that one is back.
final class ReadingThread: Sendable {
    /// What one call wants read, piece by piece.
    private final class Batch: Sendable {
        let names: [String]
        let read: @Sendable (Int) -> Void
        let fail: @Sendable (Int, DomainError) -> Void
        let done: @Sendable () -> Void

        init(
            names: [String], read: @escaping @Sendable (Int) -> Void,
            fail: @escaping @Sendable (Int, DomainError) -> Void, done: @escaping @Sendable () -> Void
        ) {
            self.names = names
            self.read = read
            self.fail = fail
            self.done = done
        }
    }

    private struct Piece {
        var batch: Batch
        var index: Int
        var name: String { batch.names[index] }
    }

    private struct State {
        var waiting: [Batch] = []
        /// Of the first of those that wait.
        var next = 0
        /// What the thread in charge reads, and since when.
        var current: Piece?
        var since = DispatchTime.now()
        /// Threads count up: one that was given up is not the one in charge.
        var thread = 0
        var isWorking = false
        var isWatched = false
        /// What threads that were given up wait for.
        var stuck: Set<String> = []
    }

    /// So many threads may wait for what does not answer.
    private static let mostStuck = 16

    private let state = Mutex(State())
    private let limit: DispatchTimeInterval
    private let watch = DispatchQueue(label: "rktlet.readings-watch")

    /// - Parameter limit: how long one piece may take.
    init(limit: DispatchTimeInterval) { self.limit = limit }

    /// Reads each of the names.
    ///
    /// - Parameter body: may block; called once for each name, in order.
    func read<Value: Sendable>(
        _ names: [String], _ body: @escaping @Sendable (String) -> Reading<Value>
    ) async -> [Reading<Value>] {
        if names.isEmpty { return [] }
        let box = Box<Value>(count: names.count)
        await withCheckedContinuation { (caller: CheckedContinuation<Void, Never>) in
            add(
                Batch(
                    names: names, read: { index in box.set(index, body(names[index])) },
                    fail: { index, error in box.set(index, .failed(error)) }, done: { caller.resume() }))
        }
        return box.values
    }

    private final class Box<Value: Sendable>: Sendable {
        private let results: Mutex<[Reading<Value>?]>
        init(count: Int) { results = Mutex([Reading<Value>?](repeating: nil, count: count)) }
        /// The first word counts: one that comes after the caller was told is dropped.
        func set(_ index: Int, _ value: Reading<Value>) {
            results.withLock { if $0[index] == nil { $0[index] = value } }
        }
        var values: [Reading<Value>] { results.withLock { $0.map { $0 ?? .gone } } }
    }
}

// MARK: The thread

extension ReadingThread {
    private func add(_ batch: Batch) {
        let thread = state.withLock { state -> Int? in
            state.waiting.append(batch)
            if state.isWorking { return nil }
            state.isWorking = true
            state.thread += 1
            return state.thread
        }
        if let thread { start(thread) }
        watchOver()
    }

    private func start(_ thread: Int) {
        // A serial queue has a thread of its own, however many others wait for something.
        DispatchQueue(label: "rktlet.readings").async { [self] in work(thread) }
    }

    private func work(_ thread: Int) {
        while let piece = take(thread) {
            piece.batch.read(piece.index)
            put(piece, thread)
        }
    }

    /// The next piece for the thread; what is known to be stuck is answered on the way.
    private func take(_ thread: Int) -> Piece? {
        while true {
            let (piece, isStuck) = state.withLock { state -> (Piece?, Bool) in
                guard state.thread == thread else { return (nil, false) }
                guard let batch = state.waiting.first else {
                    state.isWorking = false
                    return (nil, false)
                }
                let piece = Piece(batch: batch, index: state.next)
                state.next += 1
                if state.next == batch.names.count {
                    state.next = 0
                    state.waiting.removeFirst()
                }
                // As long as so much is stuck, nothing is read.
                if state.stuck.count >= Self.mostStuck || state.stuck.contains(piece.name) { return (piece, true) }
                state.current = piece
                state.since = .now()
                return (piece, false)
            }
            guard let piece, isStuck else { return piece }
            answer(piece, with: Self.silent(piece.name))
        }
    }

    private func put(_ piece: Piece, _ thread: Int) {
        let isLate = state.withLock { state in
            if state.thread == thread {
                state.current = nil
                return false
            }
            state.stuck.remove(piece.name)
            return true
        }
        if !isLate, piece.index == piece.batch.names.count - 1 { piece.batch.done() }
    }

    private func answer(_ piece: Piece, with error: DomainError) {
        piece.batch.fail(piece.index, error)
        if piece.index == piece.batch.names.count - 1 { piece.batch.done() }
    }

    private static func silent(_ name: String) -> DomainError {
        DomainError(
            .unavailable,
            "\(name) does not answer: the kernel has kept a reader waiting; it is read again when that one is back")
    }
}

// MARK: The watch

extension ReadingThread {
    private func watchOver() {
        let isFirst = state.withLock { state in
            if state.isWatched || !state.isWorking { return false }
            state.isWatched = true
            return true
        }
        if isFirst { watch.asyncAfter(deadline: .now() + limit) { [self] in look() } }
    }

    private func look() {
        let (isOver, silent) = state.withLock { state -> (Bool, (piece: Piece, successor: Int)?) in
            guard state.isWorking else {
                state.isWatched = false
                return (true, nil)
            }
            guard let piece = state.current, state.since + limit <= .now() else { return (false, nil) }
            state.stuck.insert(piece.name)
            state.current = nil
            state.thread += 1
            return (false, (piece, state.thread))
        }
        if isOver { return }
        if let silent {
            answer(silent.piece, with: Self.silent(silent.piece.name))
            start(silent.successor)
        }
        watch.asyncAfter(deadline: .now() + limit) { [self] in look() }
    }
}
