import Dispatch
import Domain
import Glibc
import Synchronization

/// Tells of changes in directories, by one inotify(7) instance for all who ask: a user may have 128 of them only.
package final class DirectoryWatch: Sendable {
    private struct State {
        var listeners: [Int32: [UInt64: AsyncStream<Void>.Continuation]] = [:]
        var lastNumber: UInt64 = 0
    }

    private static let changes =
        UInt32(IN_MODIFY) | UInt32(IN_CREATE) | UInt32(IN_MOVED_TO) | UInt32(IN_MOVED_FROM) | UInt32(IN_DELETE)
        | UInt32(IN_DELETE_SELF)

    private let descriptor: Int32
    /// Safe: made, activated and cancelled once, which a source allows from any thread.
    nonisolated(unsafe) private let source: any DispatchSourceRead
    private let state = Mutex(State())

    package init() throws(DomainError) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else {
            throw DomainError(
                .resourceExhausted,
                "inotify_init1 failed: \(String(cString: strerror(errno))); raise fs.inotify.max_user_instances")
        }
        let descriptor = descriptor
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: DispatchQueue(label: "inotify"))
        source.setCancelHandler { close(descriptor) }
        source.setEventHandler { [weak self] in self?.drain() }
        source.activate()
    }

    deinit { source.cancel() }

    /// Yields once at first, and whenever something changed in the directory since it was last asked; several changes may be one yield.
    ///
    /// - Throws: why the directory cannot be watched.
    package func changes(in directory: String) throws(DomainError) -> AsyncStream<Void> {
        let (stream, listener) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        // Under the lock: the kernel gives one directory one number, and the last listener takes the watch away.
        let place = state.withLock { state -> (watch: Int32, number: UInt64)? in
            let watch = inotify_add_watch(descriptor, directory, Self.changes)
            guard watch >= 0 else { return nil }
            state.lastNumber += 1
            state.listeners[watch, default: [:]][state.lastNumber] = listener
            return (watch, state.lastNumber)
        }
        guard let place else {
            throw DomainError(
                .resourceExhausted,
                "directory \(directory) cannot be watched: \(String(cString: strerror(errno))); see fs.inotify.max_user_watches"
            )
        }
        listener.onTermination = { [weak self] _ in self?.forget(place.watch, place.number) }
        listener.yield()
        return stream
    }

    private func forget(_ watch: Int32, _ number: UInt64) {
        state.withLock { state in
            state.listeners[watch]?[number] = nil
            guard state.listeners[watch]?.isEmpty == true else { return }
            state.listeners[watch] = nil
            _ = inotify_rm_watch(descriptor, watch)
        }
    }

    private func drain() {
        var watches: Set<Int32> = []
        withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 8) { buffer in
            while true {
                let count = read(descriptor, buffer.baseAddress, buffer.count)
                guard count > 0 else { return }
                var offset = 0
                while offset + MemoryLayout<inotify_event>.size <= count {
                    let event = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                    // An overflow of the queue is about everybody.
                    if event.mask & UInt32(IN_Q_OVERFLOW) != 0 {
                        watches.formUnion(state.withLock { $0.listeners.keys })
                    }
                    watches.insert(event.wd)
                    offset += MemoryLayout<inotify_event>.size + Int(event.len)
                }
            }
        }
        let listeners = state.withLock { state in watches.flatMap { state.listeners[$0].map { Array($0.values) } ?? [] }
        }
        for listener in listeners { listener.yield() }
    }
}
