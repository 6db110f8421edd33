/// What the daemon has and the adapter needs of an engine that tells little itself.
package struct EngineSurroundings: Sendable {
    /// Yields when the pods' units changed; makes an engine without events be asked at once.
    var wakeups: @Sendable () -> AsyncStream<Void>
    /// The last lines that a unit logged, oldest first: for errors.
    var lastLines: @Sendable (_ unit: String, _ count: Int) async -> [String]
    /// The host's own name; empty when it has none.
    var hostname: @Sendable () -> String

    package init(
        wakeups: @escaping @Sendable () -> AsyncStream<Void> = { AsyncStream { $0.finish() } },
        lastLines: @escaping @Sendable (String, Int) async -> [String] = { _, _ in [] },
        hostname: @escaping @Sendable () -> String = HostName.current
    ) {
        self.wakeups = wakeups
        self.lastLines = lastLines
        self.hostname = hostname
    }
}
