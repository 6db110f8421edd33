/// How long things took, in buckets as Prometheus counts them. Seconds.
package struct LatencyHistogram: Hashable, Sendable {
    /// Upper bounds in seconds, from an answer out of memory to the kubelet's deadline of a pod.
    package static let bounds: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 240,
    ]

    /// How many fell into each bucket (not those below it); the last is for what is above all bounds.
    private var counts = [UInt64](repeating: 0, count: bounds.count + 1)
    package private(set) var sum: Double = 0

    package init() {}

    package mutating func observe(_ duration: Duration) {
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
        counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
        sum += seconds
    }

    package var count: UInt64 { counts.reduce(0, +) }

    /// How many were at most as long as each of ``bounds``.
    package var cumulative: [UInt64] {
        var total: UInt64 = 0
        return counts.dropLast().map { count in
            total += count
            return total
        }
    }
}
