import ByteText

/// What the pod and its containers are called, as far as the record or the lines say it.
struct StoryNames {
    /// `namespace/name`, or empty.
    private(set) var pod = ""
    private(set) var containers: [ContainerID: String] = [:]

    init(_ record: PodRecord?, _ lines: [HistoryLine]) {
        for call in lines.compactMap(\.call) where !call.name.isEmpty {
            if let container = call.container {
                containers[container] = containers[container] ?? call.name
            } else if pod.isEmpty, HistoryLine.Call.makesPod(call.method) {
                pod = call.name
            }
        }
        guard let record else { return }
        let metadata = record.pod.config.metadata
        pod = "\(metadata.namespace)/\(metadata.name)"
        for container in record.containers { containers[container.id] = container.config.metadata.name }
    }

    /// `web (9f86d081884c)`.
    static func container(_ name: String, _ id: ContainerID) -> String {
        let short = id.rawValue.shortened(to: 12)
        return name.isEmpty ? String(short) : "\(name) (\(short))"
    }
}
