import NIOPosix

/// Where bodies are parsed: threads of their own, so that none keeps the cooperative pool, and with it the watchdog, from its work.
///
/// There are two of them, whatever the machine has: so many bodies are parsed at a time, the others wait for their turn.
enum ParserThreads {
    /// A body of so few bytes takes less time than the way to another thread and back.
    private static let small = 4 * 1024

    /// For as long as the process lives.
    private static let threads: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        return threads
    }()

    /// - Parameter size: bytes of what `parse` reads.
    static func run<Value: Sendable>(
        size: Int, _ parse: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        guard size > small else { return try parse() }
        return try await threads.runIfActive(parse)
    }
}
