import Domain
import Measures

/// What pods and containers use, as metrics under the names that monitoring knows.
enum PodMetricFamilies {
    /// Those that have a number, in the order in which they are described.
    static func of(_ pods: [PodMetrics]) -> [MetricFamily] {
        var samples: [MetricName: [MetricFamily.Sample]] = [:]
        for pod in pods {
            for metric in pod.metrics { samples[metric.family, default: []].append(metric.sample) }
            for metric in pod.containers.lazy.flatMap(\.metrics) {
                samples[metric.family, default: []].append(metric.sample)
            }
        }
        return MetricName.allCases.compactMap { name in
            samples[name].map { MetricFamily(name.rawValue, name.isCounter ? .counter : .gauge, name.help, $0) }
        }
    }
}

extension Metric {
    /// An empty label is the same as none.
    fileprivate var sample: MetricFamily.Sample {
        let pairs = zip(family.labelKeys, labelValues).filter { !$1.isEmpty }
        return MetricFamily.Sample(Dictionary(pairs, uniquingKeysWith: { first, _ in first }), exactValue)
    }
}
