/// One number of a pod or container, as monitoring takes it (CRI `Metric`).
package struct Metric: Hashable, Sendable {
    package var family: MetricName
    /// In the order of the family's label keys.
    package var labelValues: [String]
    /// In the family's unit; what counts seconds is in nanoseconds.
    package var amount: UInt64
    /// When it was taken, for what was not read just now.
    package var takenAt: Timestamp?

    /// As a whole number, as the CRI has it: whole seconds.
    package var value: UInt64 { family.isDuration ? amount / 1_000_000_000 : amount }

    /// As exact as it is known.
    package var exactValue: Double { family.isDuration ? Double(amount) / 1e9 : Double(amount) }
}

/// The metrics of one container.
package struct ContainerMetrics: Hashable, Sendable {
    package var container: ContainerID
    package var metrics: [Metric]
}

/// The metrics of one pod and of its containers.
package struct PodMetrics: Hashable, Sendable {
    package var pod: PodID
    package var metrics: [Metric]
    package var containers: [ContainerMetrics]
}
