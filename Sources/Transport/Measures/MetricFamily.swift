/// One metric with all its series, as a scrape shows it.
package struct MetricFamily: Hashable, Sendable {
    package enum Kind: String, Sendable { case counter, gauge, histogram }

    package enum Value: Hashable, Sendable {
        case number(Double)
        case histogram(LatencyHistogram)
    }

    package struct Sample: Hashable, Sendable {
        package var labels: [String: String]
        package var value: Value

        package init(_ labels: [String: String] = [:], _ value: Double) {
            self.labels = labels
            self.value = .number(value)
        }

        package init(_ labels: [String: String], _ histogram: LatencyHistogram) {
            self.labels = labels
            self.value = .histogram(histogram)
        }
    }

    package var name: String
    package var help: String
    package var kind: Kind
    package var samples: [Sample]

    package init(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        self.name = name
        self.help = help
        self.kind = kind
        self.samples = samples
    }

    /// One series without labels.
    package init(_ name: String, _ kind: Kind, _ help: String, value: Double) {
        self.init(name, kind, help, [Sample([:], value)])
    }
}
