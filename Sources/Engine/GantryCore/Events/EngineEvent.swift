import JSON

/// A change of a pod's state, as *Events* of `docs/engine.md` prints it.
package enum EngineEvent: Equatable, Sendable {
    case pod(PodRecord)
    case app(pod: PodUUID, AppRecord)
    case appRemoved(pod: PodUUID, AppName)

    var json: [String: JSON] {
        switch self {
        case .pod(let record): ["type": "pod", "pod": record.json]
        case .app(let pod, let record): ["type": "app", "pod_name": .string(pod.string), "app": record.json]
        case .appRemoved(let pod, let name):
            ["type": "app-removed", "pod_name": .string(pod.string), "name": .string(name.string)]
        }
    }
}
