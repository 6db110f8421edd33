import CRI
import Measures

extension RPCCounters {
    /// Calls of the CRI by method and code, and those that are being served.
    var families: [MetricFamily] {
        [
            MetricFamily(
                "rktlet_rpc_duration_seconds", .histogram, "Time of the CRI's calls, by method and status code.",
                tallies.map { .init(["method": $0.key.method, "code": "\($0.key.code)"], $0.value.latency) }),
            MetricFamily(
                "rktlet_rpc_in_flight", .gauge, "Calls of the CRI that are being served, by method.",
                inFlight.map { .init(["method": $0.key], Double($0.value)) }),
        ]
    }
}
