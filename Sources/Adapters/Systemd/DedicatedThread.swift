import Glibc

/// A POSIX thread for work that blocks, so that the cooperative pool never does. Every signal is blocked in it: the process's own
/// signal handling stays where it is.
package enum DedicatedThread {
    /// Runs `body` on a new thread and returns its result. Cancellation does not interrupt it: `body` has its own way to end.
    /// - Throws: what `body` throws, or `ThreadUnavailable` when the system gives no thread.
    package static func run<T: Sendable>(_ body: sending @escaping () throws -> T) async throws -> T {
        let start = Start(body)
        return try await withCheckedThrowingContinuation { continuation in
            start.continuation = continuation
            launch(start)
        }
    }

    private static func launch<T>(_ start: Start<T>) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let context = Unmanaged<AnyStart>.passRetained(start)
        var thread = pthread_t()
        let status = pthread_create(
            &thread, &attributes,
            { raw in
                guard let raw else { return nil }
                var all = sigset_t()
                sigfillset(&all)
                pthread_sigmask(SIG_BLOCK, &all, nil)
                Unmanaged<AnyStart>.fromOpaque(raw).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        if status != 0 {
            context.release()
            start.continuation?.resume(throwing: ThreadUnavailable(code: status))
        }
    }

    /// `pthread_create` failed, with its error number.
    package struct ThreadUnavailable: Error, CustomStringConvertible {
        package let code: Int32
        package var description: String { "no thread could be started: \(String(cString: strerror(code)))" }
    }

    private class AnyStart {
        func run() {}
    }

    /// Handed over to the new thread as a whole: after `pthread_create` succeeded, the maker does not touch it again.
    private final class Start<T: Sendable>: AnyStart {
        let body: () throws -> T
        var continuation: CheckedContinuation<T, any Error>?

        init(_ body: sending @escaping () throws -> T) { self.body = body }

        override func run() {
            continuation?.resume(with: Result { try body() })
        }
    }
}
