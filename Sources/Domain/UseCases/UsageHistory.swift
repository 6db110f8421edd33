import ByteText
import Synchronization

/// What a container used at one time.
package struct UsagePoint: Hashable, Sendable {
    package var at: Timestamp
    /// CPU time per second since the point before, nanoseconds; nil with the first one.
    package var nanoCores: UInt64?
    /// Bytes.
    package var workingSet: UInt64?

    package init(at: Timestamp, nanoCores: UInt64?, workingSet: UInt64?) {
        self.at = at
        self.nanoCores = nanoCores
        self.workingSet = workingSet
    }
}

/// What running containers used in the last ten minutes, for curves.
///
/// What must always hold: a series goes with its container; it has a bound; nobody's reading of stats makes it longer or other.
package struct UsageHistory: Sendable {
    /// Between two points.
    package static let interval: Duration = .seconds(10)
    /// Of one container.
    package static let mostPoints = 60

    private struct Series {
        var points: [UsagePoint] = []
        /// The counter at the last point.
        var cpu: UInt64?

        mutating func add(_ usage: CgroupUsage) {
            var rate: UInt64?
            if let last = points.last, let before = cpu, let now = usage.cpu, now >= before {
                let elapsed = Double(usage.at.nanoseconds) - Double(last.at.nanoseconds)
                if elapsed > 0 { rate = UInt64(saturating: Double(now - before) * 1e9 / elapsed) }
            }
            cpu = usage.cpu
            points.append(UsagePoint(at: usage.at, nanoCores: rate, workingSet: usage.memory?.workingSet))
            if points.count > UsageHistory.mostPoints { points.removeFirst() }
        }
    }

    private final class Kept: Sendable {
        let series = Mutex<[ContainerID: Series]>([:])
    }

    private let context: UseCases.Context
    private let stats: ContainerStats
    private let kept = Kept()

    init(_ context: UseCases.Context, stats: ContainerStats) {
        self.context = context
        self.stats = stats
    }

    /// Of the containers that match and run, the oldest point first; in no order.
    package func callAsFunction(_ filter: ContainerFilter = ContainerFilter()) -> [(Container, [UsagePoint])] {
        let containers = context.index.containers(filter).filter { $0.state == .running }
        return kept.series.withLock { series in
            containers.compactMap { container in series[container.id].map { (container, $0.points) } }
        }
    }

    /// Reads until its task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            await readAll()
            guard (try? await context.ports.clock.sleep(for: Self.interval)) != nil else { return }
        }
    }

    /// Adds a point to each series, and forgets those of containers that do not run any more.
    package func readAll() async {
        let usages = await stats.usages(of: context.index.containers())
        let running = Set(context.index.containers().filter { $0.state == .running }.map(\.id))
        kept.series.withLock { series in
            series = series.filter { running.contains($0.key) }
            for usage in usages where running.contains(usage.container.id) {
                series[usage.container.id, default: Series()].add(usage.usage)
            }
        }
    }
}
