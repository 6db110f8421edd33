import Domain

extension MetricName {
    package var wire: Runtime_V1_MetricDescriptor {
        .with {
            $0.name = rawValue
            $0.help = help
            $0.labelKeys = labelKeys
        }
    }
}

extension Metric {
    package var wire: Runtime_V1_Metric {
        .with {
            $0.name = family.rawValue
            // 0: read just now.
            $0.timestamp = takenAt?.nanoseconds ?? 0
            $0.metricType = family.isCounter ? .counter : .gauge
            $0.labelValues = labelValues
            $0.value.value = value
        }
    }
}

extension PodMetrics {
    package var wire: Runtime_V1_PodSandboxMetrics {
        .with {
            $0.podSandboxID = pod.rawValue
            $0.metrics = metrics.map(\.wire)
            $0.containerMetrics = containers.map { container in
                .with {
                    $0.containerID = container.container.rawValue
                    $0.metrics = container.metrics.map(\.wire)
                }
            }
        }
    }
}
