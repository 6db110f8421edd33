import GantryCore
import Glibc

/// Work that blocks, on a thread of its own: a pool's threads are few, and would wait for one another.
enum OwnThread {
    private final class Work {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// - Throws: `exhausted` where the system has no room for a thread.
    static func start(_ body: @escaping @Sendable () -> Void) throws(EngineError) {
        let work = Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        let cause = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        guard cause == 0 else {
            work.release()
            throw .posix("starting a thread", cause)
        }
        pthread_detach(thread)
    }
}
