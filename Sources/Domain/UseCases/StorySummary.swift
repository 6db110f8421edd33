import ByteText

/// How a pod is, and why, in one line.
enum StorySummary {
    static func text(_ record: PodRecord?, _ lines: [HistoryLine]) -> String {
        guard let record else { return gone(lines) }
        switch record.pod.state {
        case .ready: return "ready; " + containers(record.containers)
        case .creating: return "being made"
        case .notReady, .removed: return "not ready: \(reason(record.pod, lines)); " + containers(record.containers)
        }
    }

    private static func reason(_ pod: PodSandbox, _ lines: [HistoryLine]) -> String {
        if !pod.message.isEmpty { return pod.message }
        guard let stop = lines.last(where: { $0.call.map { isStop($0) && !$0.hasFailed } ?? false })?.call else {
            return "nobody recorded why"
        }
        return "it was stopped by \(stop.method)"
    }

    private static func gone(_ lines: [HistoryLine]) -> String {
        let calls = lines.compactMap(\.call)
        if let removal = calls.last(where: { isRemoval($0) && !$0.hasFailed }) {
            return "gone: it was removed by \(removal.method)"
        }
        // Its calls have no id of it: what is known of it are this daemon's own words.
        if calls.isEmpty, let word = lines.first(where: { $0.source == .daemon && $0.isProblem }) {
            return "it was not made: \(word.text)"
        }
        return "gone, and nothing says who removed it"
    }

    private static func containers(_ containers: [Container]) -> String {
        if containers.isEmpty { return "it has no containers" }
        let running = containers.count { $0.state == .running }
        let names = containers.sorted { $0.createdAt < $1.createdAt }.compactMap { container -> String? in
            let name = container.config.metadata.name
            guard let exit = container.exit else {
                return container.state == .running ? nil : "\(name) is \(container.state.rawValue)"
            }
            return "\(name) exited with \(exit.code) (\(exit.reason))"
        }
        let all = "\(running) of \(containers.count) \(containers.count == 1 ? "container runs" : "containers run")"
        return ([all] + names.suffix(5)).joined(separator: ", ")
    }

    private static func isStop(_ call: HistoryLine.Call) -> Bool {
        call.container == nil
            && (call.method.isSame(as: "StopPodSandbox") || call.method.isSame(as: "POST /v1/pods/{pod}/stop"))
    }

    private static func isRemoval(_ call: HistoryLine.Call) -> Bool {
        call.container == nil
            && (call.method.isSame(as: "RemovePodSandbox") || call.method.isSame(as: "DELETE /v1/pods/{pod}"))
    }
}
