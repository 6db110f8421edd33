import Domain
import Synchronization

/// Logs in memory: what a test wrote to a path, all at once, whatever was asked for but the stream and the tail.
package final class FakeLogs: ContainerLogs {
    private let files = Mutex<[String: [LogLine]]>([:])
    package init() {}

    package func write(_ lines: [LogLine], to path: String) { files.withLock { $0[path, default: []] += lines } }

    package func lines(
        of path: String, _ query: LogQuery, ended: AsyncStream<Never>
    ) -> AsyncThrowingStream<[LogLine], any Error> {
        let lines = files.withLock { $0[path] ?? [] }.filter { query.stream == nil || $0.stream == query.stream }
        return AsyncThrowingStream { continuation in
            continuation.yield(lines.suffix(query.tail ?? lines.count))
            guard query.follow else { return continuation.finish() }
            let end = Task {
                for await _ in ended {}
                continuation.finish()
            }
            continuation.onTermination = { _ in end.cancel() }
        }
    }
}

/// Counters of cgroups and networks as a test sets them.
package final class FakeUsage: ResourceUsage {
    private struct State {
        var usages: [String: Reading<CgroupUsage>] = [:]
        var networks: [String: NetworkUsage] = [:]
        var places: [NetworkPlace] = []
        var details: [String: CgroupDetails] = [:]
    }

    private let state = Mutex(State())
    package init() {}

    package func set(_ usage: CgroupUsage, for cgroup: String) { set(.value(usage), for: cgroup) }

    package func set(_ reading: Reading<CgroupUsage>, for cgroup: String) {
        state.withLock { $0.usages[cgroup] = reading }
    }

    package func set(_ network: NetworkUsage, for namespace: String) {
        state.withLock { $0.networks[namespace] = network }
    }

    /// Where networks were looked for, in the last call.
    package var places: [NetworkPlace] { state.withLock { $0.places } }

    package func usages(of cgroups: [String]) async -> [Reading<CgroupUsage>] {
        state.withLock { state in cgroups.map { state.usages[$0] ?? .gone } }
    }

    package func set(_ details: CgroupDetails, for cgroup: String) { state.withLock { $0.details[cgroup] = details } }

    package func details(of cgroups: [String], files: Bool) async -> [Reading<CgroupDetails>] {
        state.withLock { state in
            cgroups.map { cgroup in
                guard var details = state.details[cgroup] else { return .gone }
                if !files { details.files = nil }
                return .value(details)
            }
        }
    }

    package func networks(of places: [NetworkPlace]) async -> [Reading<NetworkUsage>] {
        state.withLock { state in
            state.places = places
            return places.map { state.networks[$0.namespace].map(Reading.value) ?? .gone }
        }
    }
}

/// Sizes of writable layers as a test sets them.
package final class FakeLayers: LayerMeter {
    private let state = Mutex<(sizes: [String: FilesystemUsage], measured: [String])>(([:], []))
    package init() {}

    package func set(_ usage: FilesystemUsage?, for layer: String) { state.withLock { $0.sizes[layer] = usage } }

    package var measured: [String] { state.withLock { $0.measured } }

    package func capacity() async -> FilesystemCapacity? {
        FilesystemCapacity(bytes: 1 << 30, inodes: 5000, freeInodes: 4000)
    }

    package func measure(_ layer: String) async -> FilesystemUsage? {
        state.withLock { state in
            state.measured.append(layer)
            return state.sizes[layer]
        }
    }
}
