import JSON

/// A change of the engine's state, as *Events* of `docs/engine.md` prints it.
package enum EngineEvent: Equatable, Sendable {
    case pod(PodRecord)
    case podRemoved(PodUUID)
    case app(pod: PodUUID, AppRecord)
    case appRemoved(pod: PodUUID, AppName)
    /// The set of images changed.
    case images

    var json: [String: JSON] {
        switch self {
        case .pod(let record): ["type": "pod", "pod": record.json]
        case .podRemoved(let uuid): ["type": "pod-removed", "name": .string(uuid.string)]
        case .app(let pod, let record): ["type": "app", "pod_name": .string(pod.string), "app": record.json]
        case .appRemoved(let pod, let name):
            ["type": "app-removed", "pod_name": .string(pod.string), "name": .string(name.string)]
        case .images: ["type": "images"]
        }
    }
}
