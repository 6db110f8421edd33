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
        let capacity = Mutex<UInt64?>(nil)
    }

    private let context: UseCases.Context
    private let figures = Figures()

    init(_ context: UseCases.Context) {
        self.context = context
    }

    /// As last measured; nil before the first time.
    package func usage(of id: ContainerID) -> FilesystemUsage? { figures.values.withLock { $0[id] } }

    /// Bytes of the file system that layers are on, as of the last time.
    package var capacity: UInt64? { figures.capacity.withLock { $0 } }

    /// Measures until its task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            let walked = await measureAll()
            let pause = max(Self.interval, walked * Self.restFactor)
            guard (try? await context.ports.clock.sleep(for: pause)) != nil else { return }
        }
    }

    /// Measures all layers once, and forgets those of containers that do not run any more.
    /// - Returns: how long it took.
    @discardableResult
    package func measureAll() async -> Duration {
        let running = context.index.containers().filter { $0.state == .running && !$0.writableLayer.isEmpty }
        let ids = Set(running.map(\.id))
        if !running.isEmpty {
            let capacity = await context.ports.layers.capacity()
            figures.capacity.withLock { $0 = capacity }
        }
        figures.values.withLock { values in values = values.filter { ids.contains($0.key) } }
        return await Self.time(context.ports.clock) {
            await withDiscardingTaskGroup { group in
                for container in running {
                    group.addTask { [context, figures] in
                        guard let usage = await context.ports.layers.measure(container.writableLayer),
                            context.index.container(container.id)?.state == .running
                        else { return }
                        figures.values.withLock { $0[container.id] = usage }
                    }
                }
            }
        }
    }

    private static func time<Time: Clock<Duration>>(_ clock: Time, _ body: () async -> Void) async -> Duration {
        await clock.measure { await body() }
    }
}
