import HTTPTypes
import Measures
import Synchronization

/// How many requests the gateway served, by route, method and status, and how long they took until their answer began.
package final class RequestCounters: Sendable {
    private struct Key: Hashable {
        var route: String
        var method: String
        var status: Int
    }

    private let histograms = Mutex<[Key: LatencyHistogram]>([:])

    package init() {}

    func finished(route: String, method: HTTPRequest.Method, status: HTTPResponse.Status, _ duration: Duration) {
        // A client may make methods up; series are for ever.
        let method = ["GET", "HEAD", "POST", "PUT", "DELETE"].contains(method.rawValue) ? method.rawValue : "other"
        let key = Key(route: route, method: method, status: status.code)
        histograms.withLock { $0[key, default: LatencyHistogram()].observe(duration) }
    }

    var families: [MetricFamily] {
        let samples = histograms.withLock { $0 }.map { key, histogram in
            MetricFamily.Sample(
                ["route": key.route, "method": key.method, "code": String(key.status)], histogram)
        }
        return [
            MetricFamily(
                "rktlet_gateway_request_duration_seconds", .histogram,
                "Time until the answer to a gateway request began, by route, method and status.", samples)
        ]
    }
}
