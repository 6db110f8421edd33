import ByteText
import Domain
import Measures

/// What the index knows, as metrics.
struct NodeMetrics {
    let useCases: UseCases

    var families: [MetricFamily] {
        get async {
            let pods = Dictionary(
                grouping: useCases.listPodSandboxes(), by: { $0.state == .ready ? "ready" : "notready" })
            let containers = Dictionary(grouping: useCases.listContainers(), by: \.state)
            let status = await useCases.runtimeStatus()
            let images = (try? await useCases.listImages()) ?? []
            return [
                MetricFamily(
                    "rktlet_condition", .gauge, "Whether a condition of the CRI's Status holds: 1, or 0.",
                    status.conditions.map { .init(["type": $0.type], $0.status ? 1 : 0) }),
                MetricFamily(
                    "rktlet_pods", .gauge, "Pods on this node, by state.",
                    ["ready", "notready"].map { .init(["state": $0], Double(pods[$0]?.count ?? 0)) }),
                MetricFamily(
                    "rktlet_containers", .gauge, "Containers on this node, by state.",
                    [ContainerState.created, .running, .exited, .unknown].map {
                        .init(["state": $0.rawValue], Double(containers[$0]?.count ?? 0))
                    }),
                MetricFamily("rktlet_images", .gauge, "Images on this node.", value: Double(images.count)),
                MetricFamily(
                    "rktlet_images_bytes", .gauge, "Bytes of the images on this node, shared layers counted for each.",
                    value: Double(images.map(\.size).saturatingSum)),
                MetricFamily(
                    "rktlet_index_age_seconds", .gauge,
                    "Time since the index was last held against the engine's inventory.",
                    value: useCases.indexAge.map {
                        Double($0.components.seconds) + Double($0.components.attoseconds) * 1e-18
                    } ?? .nan),
            ]
        }
    }
}
