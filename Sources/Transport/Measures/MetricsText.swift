import ByteText

/// The text format of Prometheus, version 0.0.4.
package enum MetricsText {
    package static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    package static func render(_ families: [MetricFamily]) -> String {
        var text = ""
        for family in families {
            text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n"
            let samples = family.samples.map { (labels: labels($0.labels), value: $0.value) }
            for sample in samples.sorted(by: { $0.labels < $1.labels }) {
                switch sample.value {
                case .number(let value): text += "\(family.name)\(braces(sample.labels)) \(number(value))\n"
                case .histogram(let histogram): text += series(family.name, sample.labels, histogram)
                }
            }
        }
        return text
    }

    private static func series(_ name: String, _ labels: String, _ histogram: LatencyHistogram) -> String {
        var text = ""
        let prefix = labels.isEmpty ? "" : labels + ","
        for (bound, count) in zip(LatencyHistogram.bounds, histogram.cumulative) {
            text += "\(name)_bucket{\(prefix)le=\"\(number(bound))\"} \(count)\n"
        }
        text += "\(name)_bucket{\(prefix)le=\"+Inf\"} \(histogram.count)\n"
        text += "\(name)_sum\(braces(labels)) \(histogram.sum)\n\(name)_count\(braces(labels)) \(histogram.count)\n"
        return text
    }

    private static func braces(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }

    private static func labels(_ labels: [String: String]) -> String {
        labels.sorted { $0.key.precedes($1.key) }.map { "\($0.key)=\"\(escaped($0.value))\"" }.joined(separator: ",")
    }

    private static func escaped(_ value: String) -> String {
        value.replacingByte("\\", with: "\\\\").replacingByte("\"", with: "\\\"").replacingByte("\n", with: "\\n")
    }

    /// Whole numbers without a fraction.
    private static func number(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return String(whole) }
        return value.isNaN ? "NaN" : String(value)
    }
}
