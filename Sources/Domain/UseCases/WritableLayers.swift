import Synchronization

/// What the writable layers of running containers take of the disk, measured again and again: callers get the last figures, which say how
/// old they are, and never wait for a walk.
///
/// What must always hold: a large layer holds up no small one for long; walking takes a small part of one processor; the figure of a container
/// goes with it.
package struct WritableLayers: Sendable {
    /// So old may a figure become where walks are short.
    package static let interval: Duration = .seconds(5)
    /// A walk is followed by a rest of so many times its length.
    private static let restFactor = 9

    private final class Figures: Sendable {
        let values = Mutex<[ContainerID: FilesystemUsage]>([:])
        let capacity = Mutex<FilesystemCapacity?>(nil)
        /// Containers that have just been started, while somebody measures.
        let starts = Mutex<AsyncStream<Container>.Continuation?>(nil)
    }

    private let context: UseCases.Context
    private let figures = Figures()

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// As last measured; nil before the first time.
    package func usage(of id: ContainerID) -> FilesystemUsage? { figures.values.withLock { $0[id] } }

    /// Of the file system that layers are on, as of the last time.
    package var capacity: FilesystemCapacity? { figures.capacity.withLock { $0 } }

    /// A container has been started: its layer is measured at once, while nobody waits for that.
    func began(_ container: Container) {
        figures.starts.withLock { _ = $0?.yield(container) }
    }

    /// Measures until its task is cancelled.
    package func run() async {
        let (started, starts) = AsyncStream.makeStream(of: Container.self, bufferingPolicy: .bufferingNewest(256))
        figures.starts.withLock { $0 = starts }
        defer { figures.starts.withLock { $0 = nil } }
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await container in started {
                    if capacity == nil { await readCapacity() }
                    await measure(container)
                }
            }
            while !Task.isCancelled {
                let walked = await measureAll()
                let pause = max(Self.interval, walked * Self.restFactor)
                guard (try? await context.ports.clock.sleep(for: pause)) != nil else { break }
            }
            group.cancelAll()
        }
    }

    /// Measures all layers once, and forgets those of containers that do not run any more.
    /// - Returns: how long it took.
    @discardableResult
    package func measureAll() async -> Duration {
        let running = context.index.containers().filter { $0.state == .running && !$0.writableLayer.isEmpty }
        let ids = Set(running.map(\.id))
        if !running.isEmpty { await readCapacity() }
        figures.values.withLock { values in values = values.filter { ids.contains($0.key) } }
        return await Self.time(context.ports.clock) {
            await withDiscardingTaskGroup { group in
                for container in running {
                    group.addTask { await measure(container) }
                }
            }
        }
    }

    private func measure(_ container: Container) async {
        guard !container.writableLayer.isEmpty,
            let usage = await context.ports.layers.measure(container.writableLayer),
            context.index.container(container.id)?.state == .running
        else { return }
        figures.values.withLock { $0[container.id] = usage }
    }

    private func readCapacity() async {
        let capacity = await context.ports.layers.capacity()
        figures.capacity.withLock { $0 = capacity }
    }

    private static func time<Time: Clock<Duration>>(_ clock: Time, _ body: () async -> Void) async -> Duration {
        await clock.measure { await body() }
    }
}
