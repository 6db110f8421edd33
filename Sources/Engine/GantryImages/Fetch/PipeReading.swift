import Dispatch
import GantryCore
import Synchronization

/// Reads a pipe on a thread of its own, until its end; then the pipe is closed, so that nobody goes on writing into it.
final class PipeReading<Value: Sendable>: Sendable {
    private let pipe: OpenFile
    private let body: @Sendable (OpenFile) throws(EngineError) -> Value
    private let result = Mutex<Result<Value, EngineError>?>(nil)
    private let ended = DispatchSemaphore(value: 0)

    init(_ pipe: OpenFile, _ body: @escaping @Sendable (OpenFile) throws(EngineError) -> Value) {
        self.pipe = pipe
        self.body = body
    }

    func start() throws(EngineError) {
        try OwnThread.start { [self] in
            let result = Result { () throws(EngineError) in try body(pipe) }
            pipe.close()
            self.result.withLock { $0 = result }
            ended.signal()
        }
    }

    /// Waits for the end, on a thread that may wait. Once.
    func wait() throws(EngineError) -> Value {
        ended.wait()
        guard let result = result.withLock({ $0 }) else { throw EngineError(.internal, "was not read") }
        return try result.get()
    }
}
